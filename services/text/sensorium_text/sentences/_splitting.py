"""Cuts a text into sentences, in time linear in its length.

Libraries were tried on plant texts: pySBD takes time quadratic in the length; sentencex is fast, but cuts behind
`approx.` and runs the entries of a log together.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from sensorium_text.domain import Span
from sensorium_text.sentences._abbreviations import LEADING, NUMBERED, ORDINAL_LANGUAGES, SHORTENED, STARTERS
from sensorium_text.sentences._lines import line_boundaries

# These end a sentence wherever they stand: Chinese, Devanagari, Arabic, Armenian, Ethiopic and Burmese full stops.
_STOPS = r"。！？；｡।॥؟\u06d4\u0589።။"
_CLOSERS = r"\"'”’»\u203a)\]}）\uff3d】」』》〉"
# A run of marks that may end a sentence, and the quotes and brackets that it closes.
_END = re.compile(rf"([.!?…‼⁇⁈⁉\uff0e{_STOPS}]+)[{_CLOSERS}]*")
_FULL_STOP = re.compile(rf"[{_STOPS}]")
# How far around a mark to look: farther than any abbreviation is long.
_REACH = 40
_LAST_TOKEN = re.compile(r"[^\s(（\[\"“'‘]*$")
_FIRST_WORD = re.compile(r"[\"'“‘(（\[]*(\w*)")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_HAN = re.compile(r"[\u3400-\u9fff]")


def sentences(text: str, language: str) -> list[Span]:
    """The sentences of a text.

    A sentence ends at its punctuation with the quotes and brackets that close there, but not at the full stop of an
    abbreviation, an initial, a number or a code; and at a line break behind which a list item, a log entry or, after
    a blank line, a paragraph begins. Line breaks of wrapped prose end nothing.

    Args:
        text: any text.
        language: its BCP 47 code; tells languages in which `5.` is an ordinal.

    Returns:
        Spans in order and without overlap, stripped of white space; every other character is in exactly one.
    """
    ordinals = language.split("-", maxsplit=1)[0].lower() in ORDINAL_LANGUAGES
    cuts = set(line_boundaries(text))
    begin = 0
    for match in _END.finditer(text):
        if match.end() in cuts or _ends_sentence(text, match, begin, ordinals=ordinals):
            cuts.add(match.end())
            begin = match.end()
    return _stripped(text, sorted(cuts | {0, len(text)}))


def _stripped(text: str, cuts: list[int]) -> list[Span]:
    spans = []
    for begin, end in pairwise(cuts):
        part = text[begin:end]
        left = len(part) - len(part.lstrip())
        right = len(part.rstrip())
        if left < right:
            spans.append(Span(begin + left, begin + right))
    return spans


def _ends_sentence(text: str, match: re.Match[str], begin: int, *, ordinals: bool) -> bool:
    marks = match.group(1)
    if _FULL_STOP.search(marks):
        return True
    before = text[max(begin, match.start() - _REACH) : match.start()]
    after = text[match.end() : match.end() + _REACH]
    if not after[:1].isspace():
        return bool(_HAN.match(before[-1:]) and _HAN.match(after))
    following = _Following.of(after)
    if marks != ".":  # an exclamation, a question or an ellipsis goes on in lower case: `"Stop!" he said`
        return not following.lower
    in_lower_case = text[begin : begin + _REACH].lstrip()[:1].islower()
    return _full_stop_ends(before, following, ordinals=ordinals, in_lower_case=in_lower_case)


@dataclass(frozen=True)
class _Following:
    """The first word behind a mark; empty at the end of the text."""

    word: str

    @classmethod
    def of(cls, after: str) -> "_Following":
        match = _FIRST_WORD.match(after.lstrip())
        return cls(match.group(1) if match else "")

    @property
    def lower(self) -> bool:
        return self.word[:1].islower()

    @property
    def capital(self) -> bool:
        return self.word[:1].isupper()

    @property
    def starter(self) -> bool:
        in_capitals = self.word.isupper() and len(self.word) > 1  # tells nothing of where a sentence begins
        return self.capital and self.word.lower() in STARTERS and not in_capitals


def _full_stop_ends(before: str, following: _Following, *, ordinals: bool, in_lower_case: bool) -> bool:
    found = _LAST_TOKEN.search(before)
    token = found.group() if found else ""
    earlier = before[: len(before) - len(token)]
    if token.isdigit():
        return not (ordinals or following.lower or _opens_line(earlier))
    if token.lower() in LEADING:
        return False
    if token.lower() in NUMBERED:
        return not (following.lower or following.word[:1].isdigit() or len(following.word) == 1)
    if token.lower() in SHORTENED:
        return following.starter or (following.capital and token.islower())
    if _INITIALS.fullmatch(token):
        return following.starter or (_is_counted(earlier) and not following.lower)
    return not following.lower or in_lower_case


def _opens_line(earlier: str) -> bool:
    """Whether a number behind this is a list's: it is the first thing in its sentence or on its line."""
    return not earlier.strip() or earlier.rstrip(" \t")[-1:] in ("\n", "\r")


def _is_counted(earlier: str) -> bool:
    """Whether a letter behind this is no initial, but a unit or a number: `12 A`, `rev. B`."""
    last = earlier.split()[-1:]
    return bool(last) and (last[0][-1].isdigit() or last[0].rstrip(".").lower() in NUMBERED)
