"""Lists of names, looked for all at once (Aho and Corasick 1975): leftmost, longest, as whole words."""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Generic, TypeVar

import ahocorasick_rs

from sensorium_text.domain import Entity, EntityType, Gazetteer, Span
from sensorium_text.entities._folding import Folded
from sensorium_text.entities._patterns import CustomBudget

K = TypeVar("K")
V = TypeVar("V")

# Characters of all names of a request, 15 bytes each once compiled.
MOST_CHARACTERS = 2_000_000
# Building an automaton holds the interpreter: for these many characters some 20 ms.
_CHARACTERS_AT_ONCE = 64_000
# Characters that are searched at once, so that the time is looked at in between.
_STEP = 4_000


class CompiledGazetteer:
    """A gazetteer ready to be looked for.

    Args:
        gazetteer: the names; where several entries share a writing, the first one has it.
    """

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.name = gazetteer.name
        self.case_sensitive = gazetteer.case_sensitive
        writings = _writings(gazetteer)
        self._longest = max(map(len, writings), default=0)
        self._parts = [_Part(names, writings) for names in _portions(list(writings))]

    def find(self, folded: Folded, budget: CustomBudget, field: str) -> Iterator[Entity]:
        """The names in a text that was folded as `case_sensitive` asks; `normalized` is the entry's name.

        Args:
            folded: the text.
            budget: of the text.
            field: path of the gazetteer in the request, for errors.

        Raises:
            InvalidInputError: TOO_MANY_MATCHES, PATTERNS_TOO_SLOW.
        """
        done = 0
        for start in range(0, len(folded.text), _STEP):
            longest = self._longest_by_begin(folded.text, start)
            budget.check_time(field)
            for begin in sorted(longest):
                if begin < done:
                    continue
                done, name = longest[begin]
                budget.take(field)
                span = Span(*folded.span(begin, done))
                yield Entity(EntityType.CUSTOM, span, 1.0, name=self.name, normalized=name)

    def _longest_by_begin(self, text: str, start: int) -> dict[int, tuple[int, str]]:
        """For each place from `start` on, up to the next step, where names begin, the end and name of the longest."""
        longest: dict[int, tuple[int, str]] = {}
        piece = text[start : start + _STEP + self._longest]
        for part in self._parts:
            for index, begin, end in part.automaton.find_matches_as_indexes(piece, overlapping=True):
                if begin < _STEP and start + end > longest.get(start + begin, (0, ""))[0]:
                    longest[start + begin] = (start + end, part.names[index])
        return longest


class _Part:
    """Some of the names in one automaton."""

    def __init__(self, patterns: list[str], writings: Mapping[str, str]) -> None:
        self.names = [writings[pattern] for pattern in patterns]
        self.automaton = ahocorasick_rs.AhoCorasick(patterns, store_patterns=False)


def _writings(gazetteer: Gazetteer) -> dict[str, str]:
    """The entry's name by each of its writings, folded."""
    writings: dict[str, str] = {}
    for entry in gazetteer.entries:
        for written in (entry.name, *entry.synonyms):
            folded = Folded(written.strip(), fold_case=not gazetteer.case_sensitive).text
            if folded:
                writings.setdefault(folded, entry.name)
    return writings


def _portions(patterns: Sequence[str]) -> Iterator[list[str]]:
    portion: list[str] = []
    size = 0
    for pattern in patterns:
        portion.append(pattern)
        size += len(pattern)
        if size >= _CHARACTERS_AT_ONCE:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def characters(gazetteer: Gazetteer) -> int:
    """Characters of all names and synonyms."""
    return sum(len(entry.name) + sum(map(len, entry.synonyms)) for entry in gazetteer.entries)


class RecentlyUsed(Generic[K, V]):
    """The values used last, by key; those not used for longest leave when all weigh too much. For threads.

    Args:
        most: weight of what is kept together; what weighs more alone is not kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._weight = 0
        self._values: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: K) -> V | None:
        """The value, which becomes the last used; None where there is none."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def put(self, key: K, value: V, weight: int) -> None:
        """Keeps the value as the last used."""
        with self._lock:
            _, former = self._values.pop(key, (None, 0))
            self._values[key] = (value, weight)
            self._weight += weight - former
            while self._weight > self._most:
                _, (_, gone) = self._values.popitem(last=False)
                self._weight -= gone
