"""Finds the words of a text: by spaces and punctuation, Chinese by a dictionary."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import rjieba

from sensorium_text.domain import Span
from sensorium_text.scripts import HAN, HIRAGANA, KATAKANA
from sensorium_text.words._forms import Form, form
from sensorium_text.words._stop_words import CHINESE

# Words in Latin script are English in these; an empty or unknown language may be.
_ENGLISH_BESIDES = frozenset({"", "en", "und", "zh", "ja", "ko"})


# Combining marks and joiners, which `\w` leaves out, as ranges of a class of characters.
_MARKS = "\u200c\u200d" + "".join(
    f"{chr(marks[0])}-{chr(marks[-1])}"
    for is_mark, group in groupby(range(0x300, 0x20000), lambda point: unicodedata.category(chr(point))[0] == "M")
    if is_mark and (marks := list(group))
)
_WORD = rf"\w[\w{_MARKS}]*"
_RUN = re.compile(rf"(?:#(?=\d))?{_WORD}(?:(?:[-\u2010\u2011\u2212\uff0d/.\uff0e+'’\u02bc]|(?<=\d)[:,](?=\d)){_WORD})*")
_ASCII_RUN = re.compile(r"(?:#(?=\d))?\w+(?:(?:[-/.+']|(?<=\d)[:,](?=\d))\w+)*", re.ASCII)
_SCRIPTS = re.compile(rf"(?P<han>[{HAN}]+)|[{HIRAGANA}]+|[{KATAKANA}]+|[^{HAN}{HIRAGANA}{KATAKANA}]+")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_KANA = re.compile(f"[{HIRAGANA}{KATAKANA}]")
# What may be left at the ends of a run that is cut where the script changes.
_LOOSE = "_-\u2010\u2011\u2212\uff0d/.\uff0e+'’\u02bc:,"


@dataclass(frozen=True, slots=True)
class Word:
    """A word in a text.

    Attributes:
        span: where it is.
        term: its form for people: lower case, without English inflection.
        key: its form to compare by: two words are the same if their keys are. The term, but for codes and compounds,
            of which `P-101A` and `P101A` are the same.
        stop: whether it says nothing by itself, as `the` and `的` do.
        parts: of a code or compound, the words that it is made of.
    """

    span: Span
    term: str
    key: str
    stop: bool = False
    parts: tuple["Word", ...] = ()


def words(text: str, language: str) -> list[Word]:
    """The words of a text, in order and without overlap.

    A code such as `P-101A`, `6205-2RS`, `12V` or `#12` is one word with parts; so are compounds such as `shut-off` and
    Chinese words that hold shorter ones. Scripts without spaces other than Chinese are cut where the script changes.

    Args:
        text: any text.
        language: its BCP 47 code. In texts of languages other than English, Chinese, Japanese and Korean words in
            Latin script keep their inflection and none is a stop word. Empty when not known: the text is taken for
            English and Chinese, or for Japanese where it has kana.
    """
    base = language.split("-", maxsplit=1)[0].lower()
    japanese = base == "ja" or (base in ("", "und") and bool(_KANA.search(text)))
    segmenter = _Segmenter(english=base in _ENGLISH_BESIDES, japanese=japanese)
    return list(segmenter.words(text))


class _Segmenter:
    """Finds the words of one text; remembers the forms of those that come again."""

    def __init__(self, *, english: bool, japanese: bool) -> None:
        self._english = english
        self._japanese = japanese
        self._forms: dict[str, Form] = {}

    def words(self, text: str) -> Iterator[Word]:
        pattern = _ASCII_RUN if text.isascii() else _RUN
        for run in pattern.finditer(text):
            if run.group().isascii():
                yield from self._word(run.group(), run.start())
            else:
                yield from self._by_script(run.group(), run.start())

    def _by_script(self, run: str, offset: int) -> Iterator[Word]:
        for part in _SCRIPTS.finditer(run):
            begin = offset + part.start()
            if part["han"] and not self._japanese:
                yield from _chinese(part.group(), begin)
            elif _LETTER_OR_DIGIT.search(part.group()):  # else what is left of a mark or a joiner
                yield from self._word(part.group(), begin)

    def _word(self, run: str, offset: int) -> Iterator[Word]:
        text = run.strip(_LOOSE)
        if not text:
            return
        begin = offset + run.index(text[0])
        known = self._forms.get(text)
        if known is None:
            known = self._forms[text] = form(text, english=self._english)
        parts = tuple(
            Word(Span(begin + first, begin + last), part.term, part.key, part.stop) for first, last, part in known.parts
        )
        yield Word(Span(begin, begin + len(text)), known.term, known.key, known.stop, parts)


def _chinese(text: str, offset: int) -> Iterator[Word]:
    """The words of a run of Chinese characters, with the shorter words that they hold."""
    found = iter(rjieba.tokenize(text, "search"))  # gives the words within a word, then the word itself
    begin = 0
    for word in rjieba.cut(text):
        end = begin + len(word)
        parts = []
        for part, first, last in found:
            if (first, last) == (begin, end):
                break
            parts.append(_chinese_word(part, offset + first))
        yield _chinese_word(word, offset + begin, tuple(parts))
        begin = end


def _chinese_word(word: str, begin: int, parts: tuple[Word, ...] = ()) -> Word:
    term = unicodedata.normalize("NFKC", word)
    return Word(Span(begin, begin + len(word)), term, term, term in CHINESE, parts)
