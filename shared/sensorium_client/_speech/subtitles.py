"""Utterances as subtitles: SubRip and WebVTT. Pure functions.

SubRip has no specification; what players agree on is followed: numbered cues, a comma before the milliseconds. WebVTT
is that of https://www.w3.org/TR/webvtt1/. Cues have at most two lines of 42 columns and seven seconds, as is usual for
subtitles.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import zip_longest

from sensorium_client._speech.results import Utterance

LINE_WIDTH = 42
"""Columns of a line; a Chinese character takes two."""
LINES = 2
"""Of a cue."""
_LONGEST_MS = 7000
_SHORTEST_MS = 1000
"""A cue is shown for so long where there is room."""
_PAUSE_MS = 1000
"""A pause of so long ends a cue."""
_TAG_WIDTH = len("[8] ")
_JOINER = "\u2060"  # WORD JOINER: nobody sees it, and what it stands in is no markup any more


@dataclass(frozen=True)
class Cue:
    """Lines of text that are shown for a while; times in milliseconds."""

    begin: int
    end: int
    lines: tuple[str, ...]
    channel_tag: int = 0


def to_srt(utterances: Iterable[Utterance]) -> str:
    """The utterances as a SubRip file."""
    blocks = (
        f"{number}\n{_clock(cue.begin, ',')} --> {_clock(cue.end, ',')}\n{_srt_text(cue)}\n"
        for number, cue in enumerate(cues(utterances), 1)
    )
    return "\n".join(blocks)


def to_vtt(utterances: Iterable[Utterance]) -> str:
    """The utterances as a WebVTT file."""
    blocks = (f"\n{_clock(cue.begin, '.')} --> {_clock(cue.end, '.')}\n{_vtt_text(cue)}\n" for cue in cues(utterances))
    return "WEBVTT\n" + "".join(blocks)


def cues(utterances: Iterable[Utterance]) -> list[Cue]:
    """What is shown when, by its begin; the cues of one channel do not overlap."""
    by_channel: dict[int, list[Cue]] = {}
    for utterance in utterances:
        by_channel.setdefault(utterance.channel_tag, []).extend(_cues_of(utterance))
    found = [cue for channel in by_channel.values() for cue in _apart(sorted(channel, key=lambda cue: cue.begin))]
    return sorted(found, key=lambda cue: (cue.begin, cue.channel_tag))


def columns(text: str) -> int:
    """How wide a text is in a font of fixed width."""
    return sum(map(_width, text))


def wrapped(pieces: Iterable[tuple[str, str]], width: int = LINE_WIDTH) -> list[str]:
    """Lines of at most so many columns, broken between pieces, and within those that are longer than a line.

    Args:
        pieces: each with what stands before it on the same line, a space or nothing.
        width: columns, two or more.
    """
    lines = [""]
    for before, piece in pieces:
        added = (before if lines[-1] else "") + piece
        if columns(lines[-1]) + columns(added) <= width:
            lines[-1] += added
        else:
            lines += _cut(piece, width)
    return [line for line in lines if line]


@dataclass(frozen=True)
class _Piece:
    """A part of a transcript that stays on one line where it fits, and when it is said."""

    before: str
    text: str
    begin: int
    end: int


def _cues_of(utterance: Utterance) -> Iterator[Cue]:
    width = LINE_WIDTH - (_TAG_WIDTH if utterance.channel_tag else 0)
    held: list[_Piece] = []
    for piece in _pieces(utterance):
        if held and not _fits(held, piece, width):
            yield _cue(held, width, utterance.channel_tag)
            held = []
        held.append(piece)
    if held:
        yield _cue(held, width, utterance.channel_tag)


def _fits(held: Sequence[_Piece], piece: _Piece, width: int) -> bool:
    if piece.end - held[0].begin > _LONGEST_MS or piece.begin - held[-1].end >= _PAUSE_MS:
        return False
    return len(_lines([*held, piece], width)) <= LINES


def _cue(held: Sequence[_Piece], width: int, channel_tag: int) -> Cue:
    return Cue(held[0].begin, held[-1].end, tuple(_lines(held, width)), channel_tag)


def _lines(pieces: Iterable[_Piece], width: int) -> list[str]:
    return wrapped(((piece.before, piece.text) for piece in pieces), width)


def _apart(channel: Sequence[Cue]) -> Iterator[Cue]:
    """Cues in their order, none into the next one, those that are short shown longer where there is room."""
    free = 0
    for cue, following in zip_longest(channel, channel[1:]):
        begin = max(cue.begin, free)
        end = max(cue.end, begin + _SHORTEST_MS)
        if following is not None:
            end = min(end, following.begin)
        free = max(end, begin + 1)
        yield replace(cue, begin=begin, end=free)


def _pieces(utterance: Utterance) -> Iterator[_Piece]:
    text = _clean(utterance.transcript)
    times = _Times(text, utterance)
    for begin, end in _places(text):
        before = " " if begin and text[begin - 1] == " " else ""
        yield _Piece(before, text[begin:end], times.begin(begin), times.end(end))


class _Times:
    """When the characters of a transcript are said: between those whose times are known, at an even pace."""

    def __init__(self, text: str, utterance: Utterance) -> None:
        self._text = text
        self._places, self._times = [0], [_milliseconds(utterance.start_offset)]
        after = 0
        for word in utterance.words:
            content = _clean(word.word)
            place = text.find(content, after)
            if place < 0 or not content or word.start_offset is None or word.end_offset is None:
                continue
            after = place + len(content)
            self._note(place, _milliseconds(word.start_offset))
            self._note(after, _milliseconds(word.end_offset))
        self._note(len(text), _milliseconds(utterance.end_offset))

    def begin(self, place: int) -> int:
        """When the character at a place begins."""
        left = bisect_right(self._places, place) - 1
        return self._between(left, min(left + 1, len(self._places) - 1), place)

    def end(self, place: int) -> int:
        """When the character before a place ends."""
        right = bisect_left(self._places, place)
        if self._places[right] == place:
            return self._times[right]
        return self._between(right - 1, right, place + self._text[place : place + 1].count(" "))

    def _note(self, place: int, time: int) -> None:
        self._places.append(place)
        self._times.append(max(time, self._times[-1]))

    def _between(self, left: int, right: int, place: int) -> int:
        span = self._places[right] - self._places[left]
        share = (place - self._places[left]) / span if span else 0.0
        return round(self._times[left] + share * (self._times[right] - self._times[left]))


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Where the pieces of a text are: words, and in Chinese the characters with the punctuation behind them."""
    begin = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or text[place] == " " or text[place - 1] == " " or _may_break(text, place):
            if text[begin] != " ":
                yield begin, place
            begin = place


def _may_break(text: str, place: int) -> bool:
    """Whether a line may end before a place within a word: beside a wide character, and not before punctuation."""
    left, right = text[place - 1], text[place]
    wide = _width(left) == 2 or _width(right) == 2
    opens = unicodedata.category(left) in ("Ps", "Pi")
    return wide and not opens and unicodedata.category(right)[0] not in "PM"


def _cut(word: str, width: int) -> list[str]:
    parts = [""]
    for character in word:
        if columns(parts[-1]) + _width(character) > width:
            parts.append("")
        parts[-1] += character
    return parts


def _clean(text: str) -> str:
    """A text in one line, without characters that control something."""
    spaced = " ".join(text.split())
    return "".join(character for character in spaced if unicodedata.category(character) not in ("Cc", "Cs"))


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _milliseconds(offset: timedelta) -> int:
    return max(0, round(offset / timedelta(milliseconds=1)))


def _clock(milliseconds: int, point: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{rest:03}"


def _srt_text(cue: Cue) -> str:
    tag = f"[{cue.channel_tag}] " if cue.channel_tag else ""
    text = "\n".join(cue.lines).replace("-->", f"--{_JOINER}>")
    return tag + text.replace("<", f"<{_JOINER}").replace("{", f"{{{_JOINER}")  # SubRip has no way to escape


def _vtt_text(cue: Cue) -> str:
    voice = f"<v Channel {cue.channel_tag}>" if cue.channel_tag else ""
    return voice + "\n".join(cue.lines).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
