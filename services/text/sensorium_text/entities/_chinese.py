"""Names in Chinese text: a dictionary's parts of speech, checked against what names are made of.

The dictionary is jieba's, read by its Rust port; its part-of-speech tags follow ICTCLAS (nr person, ns place, nt
organisation, nz other name). By themselves they are too generous: 马达 (motor), 张力 (tension) and 密封 (seal) are
names there. So persons need a surname and a given name or a title, places stand in a list or end as places do.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import ahocorasick_rs
import rjieba

from sensorium_text.domain import Entity, EntityType, Span
from sensorium_text.entities._characters import ideograph
from sensorium_text.entities._chinese_lexicon import (
    ACTIONS,
    COMPOUND_SURNAMES,
    GIVEN,
    NOT_BEFORE_ENGINEER,
    NOT_PERSONS,
    NOT_PLACES,
    ORGANIZATION_ENDINGS,
    ORGANIZATIONS,
    PLACE_ENDINGS,
    PLACES,
    ROLES,
    SURNAMES,
    TITLES,
    WORD_SURNAMES,
)

_PERSON_TAGS = frozenset({"nr", "nrfg", "nrt"})
_NAME_TAGS = frozenset({"ns", "nz", "nr", "nrt", "nrfg", "nt", "eng"})
_INNER_TAGS = _NAME_TAGS | {"n", "x", "j", "b", "vn", "s"}
_MOST_WORDS_OF_A_NAME = 5
# What the tagger sometimes takes for the last character of a name.
_FOLLOWING = frozenset("到在说和的请把去来已对将与等做用从为是给跟同正又也都后前上下")
_makers = ahocorasick_rs.AhoCorasick(ORGANIZATIONS, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)


class _Word(NamedTuple):
    text: str
    tag: str
    begin: int

    @property
    def end(self) -> int:
        return self.begin + len(self.text)


def find_chinese_names(text: str) -> list[Entity]:
    """Persons, places and organisations; they may overlap."""
    words = _tagged(text)
    return [*_persons(text, words), *_places(words), *_organizations(words), *_known_makers(text)]


def _tagged(text: str) -> list[_Word]:
    words, begin = [], 0
    for written, tag in rjieba.tag(text):
        begin = text.index(written, begin)
        words.append(_Word(written, tag, begin))
        begin += len(written)
    return words


def _persons(text: str, words: Sequence[_Word]) -> Iterator[Entity]:
    for index, word in enumerate(words):
        before = words[index - 1].text if index else ""
        after = words[index + 1] if index + 1 < len(words) else _Word("", "", len(text))
        name, confidence = _person(word, before, after)
        if confidence:
            yield Entity(EntityType.PERSON, Span(word.begin, word.begin + len(name)), confidence)


def _person(word: _Word, before: str, after: _Word) -> tuple[str, float]:
    """The name that begins with the word, and how sure it is one; 0 where it is none."""
    of_two = _of_two_words(word.text, after)
    if of_two:
        return word.text + after.text, of_two
    if word.tag not in _PERSON_TAGS or word.text in NOT_PERSONS:
        return "", 0.0
    if _titled(word.text):
        return word.text, 0.8
    if word.text[0] in "老小" and word.text[1:] in SURNAMES - WORD_SURNAMES:
        return word.text, 0.65
    written, following = _whole_name(word, after)
    return written, _full_name(written, before, following)


def _of_two_words(written: str, after: _Word) -> float:
    """How sure a surname and the word behind it are a name: 欧阳 and 建华, 何 and 师傅."""
    if written in SURNAMES and len(after.text) > 1 and after.text in TITLES:
        return 0.8
    if not _can_be_given(after):
        return 0.0
    if written in COMPOUND_SURNAMES or (written in SURNAMES and after.tag in _PERSON_TAGS):
        return 0.75
    return 0.65 if written in SURNAMES and _only_given(after) else 0.0


def _whole_name(word: _Word, after: _Word) -> tuple[str, str]:
    """The name without a particle that the tagger took into it, or with what it left out, and what follows it."""
    written = word.text
    if len(written) >= 3 and written[-1] in _FOLLOWING:
        return written[:-1], written[-1]
    if len(written) == 2 and after.text in GIVEN and after.tag.endswith("g"):  # 沈静 and 怡, a bare morpheme
        return written + after.text, ""
    return written, after.text


def _titled(written: str) -> bool:
    """Whether it is a surname with its title in one word, as the dictionary has 王师傅 and 张工."""
    for title in TITLES:
        surname = written.removesuffix(title)
        if surname != written and surname in SURNAMES:
            return title != "工" or surname not in NOT_BEFORE_ENGINEER
    return False


def _full_name(written: str, before: str, after: str) -> float:
    surname = written[:2] if written[:2] in COMPOUND_SURNAMES else written[:1]
    given = written[len(surname) :]
    if surname not in SURNAMES | COMPOUND_SURNAMES or not 1 <= len(given) <= 2 or written in NOT_PERSONS:
        return 0.0
    beside = before in ROLES or after in ACTIONS or after.startswith(TITLES)
    usual = given[-1] in GIVEN
    if len(given) == 1 and surname in WORD_SURNAMES and not (beside and usual):
        return 0.0
    if usual:
        return 0.9 if beside else 0.8
    return 0.65 if beside or (len(given) == 2 and surname not in WORD_SURNAMES) else 0.0


def _can_be_given(word: _Word) -> bool:
    return len(word.text) <= 2 and bool(word.text) and all(map(ideograph, word.text)) and word.text[-1] in GIVEN


def _only_given(word: _Word) -> bool:
    """Whether it is hardly anything but a given name, such as 建军."""
    return len(word.text) == 2 and word.tag in ("n", "nz") and all(character in GIVEN for character in word.text)


def _places(words: Sequence[_Word]) -> Iterator[Entity]:
    for word in words:
        known = word.text in PLACES
        ending = word.tag == "ns" and len(word.text) >= 3 and word.text.endswith(PLACE_ENDINGS)
        stem = word.text.removesuffix("省").removesuffix("市").removesuffix("港")
        if (known or ending or stem in PLACES) and word.text not in NOT_PLACES:
            yield Entity(EntityType.PLACE, Span(word.begin, word.end), 0.85 if known or stem in PLACES else 0.7)


def _organizations(words: Sequence[_Word]) -> Iterator[Entity]:
    """Runs of words that begin with a name and end as organisations do: 沈阳鼓风机集团, ABB公司."""
    for index, word in enumerate(words):
        if not word.text.endswith(ORGANIZATION_ENDINGS):
            continue
        if word.tag == "nt" and word.text not in ORGANIZATION_ENDINGS:
            yield Entity(EntityType.ORGANIZATION, Span(word.begin, word.end), 0.85)
            continue
        first = _first_word(words, index)
        if first is not None:
            yield Entity(EntityType.ORGANIZATION, Span(first.begin, word.end), 0.86)


def _first_word(words: Sequence[_Word], last: int) -> _Word | None:
    """The name farthest before an ending from which everything belongs to it."""
    found = None
    for index in range(last, max(-1, last - _MOST_WORDS_OF_A_NAME), -1):
        word = words[index]
        if index < last and (word.end != words[index + 1].begin or not _is_inner(word) or not word.text.isalnum()):
            break
        is_name = word.tag in _NAME_TAGS or word.text in PLACES
        if is_name and word.text not in ORGANIZATION_ENDINGS and (index < last or word.text.startswith(tuple(PLACES))):
            found = word
    return found


def _is_inner(word: _Word) -> bool:
    return word.tag in _INNER_TAGS or word.text in PLACES


def _known_makers(text: str) -> Iterator[Entity]:
    for _, begin, end in _makers.find_matches_as_indexes(text):
        longer = next((ending for ending in ("集团公司", "公司", "集团", "股份") if text.startswith(ending, end)), "")
        yield Entity(EntityType.ORGANIZATION, Span(begin, end + len(longer)), 0.87)
