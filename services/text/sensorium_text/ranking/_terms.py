"""The terms of a query, and what of a document matters to them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sensorium_text.domain import Span, TermMatch
from sensorium_text.words import Word


@dataclass(frozen=True)
class QueryTerm:
    """A word of a query.

    Attributes:
        term: its form for people.
        key: its form to compare by.
        parts: keys of the parts of a code or compound.
        count: how often the query has it.
    """

    term: str
    key: str
    parts: tuple[str, ...]
    count: int

    @property
    def is_code(self) -> bool:
        """Whether it is a code or a number of some length: what it names has no other name."""
        return any(character.isdigit() for character in self.key) and not (len(self.key) < 3 and self.key.isdigit())


@dataclass(frozen=True)
class DocumentTerms:
    """A document as far as a query is concerned: its length in words, and where it has the keys of the query."""

    length: int
    places: Mapping[str, tuple[Span, ...]]

    def count(self, key: str) -> int:
        """How often it has the key."""
        return len(self.places.get(key, ()))


def query_terms(words: Iterable[Word]) -> tuple[QueryTerm, ...]:
    """The terms of a query, each once, without stop words."""
    counts: Counter[str] = Counter()
    terms: dict[str, Word] = {}
    for word in words:
        if not word.stop:
            counts[word.key] += 1
            terms.setdefault(word.key, word)
    return tuple(QueryTerm(word.term, key, _part_keys(word), counts[key]) for key, word in terms.items())


def _part_keys(word: Word) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.key for part in word.parts if not part.stop))


def keys_of(query: Sequence[QueryTerm]) -> frozenset[str]:
    """The keys of terms and of their parts."""
    return frozenset(key for term in query for key in (term.key, *term.parts))


def document_terms(words: Iterable[Word], keys: frozenset[str]) -> DocumentTerms:
    """What of a document matters to a query with these keys: all that is kept of a long one."""
    places: dict[str, list[Span]] = {}
    length = 0
    for word in words:
        length += not word.stop
        for form in (word, *word.parts):
            if form.key in keys:
                places.setdefault(form.key, []).append(form.span)
    return DocumentTerms(length, {key: tuple(spans) for key, spans in places.items()})


def matches(query: Sequence[QueryTerm], document: DocumentTerms) -> tuple[TermMatch, ...]:
    """The terms that the document has, in the query's order; of a code that it lacks the parts that it has."""
    found = ((term, _places(term, document)) for term in query)
    return tuple(TermMatch(term.term, spans) for term, spans in found if spans)


def _places(term: QueryTerm, document: DocumentTerms) -> tuple[Span, ...]:
    whole = document.places.get(term.key, ())
    if whole:
        return whole
    spans: list[Span] = []
    parts = (span for key in term.parts for span in document.places.get(key, ()))
    for span in sorted(parts, key=lambda span: (span.begin, -span.end)):
        if not spans or span.begin >= spans[-1].end:
            spans.append(span)
    return tuple(spans)
