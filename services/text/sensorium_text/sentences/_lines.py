"""Which line breaks end a sentence: those of logs and lists do, those of wrapped prose do not."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

# Prose is wrapped at about 70 characters, in Chinese at about 35; where all lines are shorter each is an entry.
_NARROWEST = 40
_NARROWEST_WIDE = 20
# Whoever breaks lines by hand leaves some room: this much of the longest line is as good as full.
_FULL = 0.9

_LINE = re.compile(r"[^\n\r\v\f\x85\u2028\u2029]+")
# An item of a list or an entry of a log: a bullet, a number or letter with a mark, a date, a time, a bracket.
_ENTRY = re.compile(
    r"[-*•·●○■□▪◆\u2013—>#]|\(?\d{1,3}[.)、）]|[(（]?[A-Za-z一二三四五六七八九十①-⑳][.)、）]\s?|[①-⑳]"
    r"|\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}|\d{1,2}[:：]\d\d|[\[【<]"
)
# Chinese, Japanese kana and their punctuation: written without spaces, so that a line may be broken anywhere.
_WIDE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uff5e]")


@dataclass(frozen=True)
class _Line:
    """A line that is not blank, without the white space around it."""

    begin: int
    end: int
    text: str

    @property
    def wide(self) -> bool:
        return bool(_WIDE.match(self.text[-1])) and bool(_WIDE.match(self.text[0]))


def line_boundaries(text: str) -> Iterator[int]:
    """Offsets at which a line begins that continues no sentence of the line before, in order."""
    paragraph: list[_Line] = []
    for line in _lines(text):
        if paragraph and (_blank_between(text, paragraph[-1], line) or _ENTRY.match(line.text)):
            yield from _boundaries_within(paragraph)
            yield line.begin
            paragraph = []
        paragraph.append(line)
    yield from _boundaries_within(paragraph)


def _lines(text: str) -> Iterator[_Line]:
    for match in _LINE.finditer(text):
        stripped = match.group().strip()
        if stripped:
            begin = match.start() + match.group().index(stripped[0])
            yield _Line(begin, begin + len(stripped), stripped)


def _blank_between(text: str, line: _Line, following: _Line) -> bool:
    gap = text[line.end : following.begin]
    return gap.count("\n") > 1 or (gap.count("\r") > 1 and "\n" not in gap) or "\u2029" in gap or "\f" in gap


def _boundaries_within(paragraph: Sequence[_Line]) -> Iterator[int]:
    if not _is_wrapped(paragraph):
        yield from (line.begin for line in paragraph[1:])


def _is_wrapped(paragraph: Sequence[_Line]) -> bool:
    """Whether lines are parts of a running text: each is as long as it could be, and one breaks within a sentence."""
    width = max((len(line.text) for line in paragraph), default=0)
    pairs = list(pairwise(paragraph))
    if len(pairs) < 2 and paragraph and paragraph[0].wide:
        return False  # two lines of one length are no evidence where nothing tells a sentence's beginning
    return all(_is_full(line, following, width) for line, following in pairs) and any(
        following.text[0].islower() or line.wide or line.text[-1] in ",，、-" for line, following in pairs
    )


def _is_full(line: _Line, following: _Line, width: int) -> bool:
    if line.wide:
        return width >= _NARROWEST_WIDE and len(line.text) + 1 >= width
    return width >= _NARROWEST and len(line.text) + 1 + len(following.text.split(maxsplit=1)[0]) > _FULL * width
