"""What replacements in a text do to its words. Pure functions."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sensorium_speech.domain import Transcript, Word


@dataclass(frozen=True)
class Replacement:
    """A part of a text that was replaced, in code points: `begin` to `end` became `new_begin` to `new_end`."""

    begin: int
    end: int
    new_begin: int
    new_end: int


def masked(transcript: Transcript, text: str, replacements: Sequence[Replacement]) -> Transcript:
    """A transcript with its text replaced, and with no word that tells what the text does not.

    Words that a replacement touches become one word: as the new text has it, from the first one's begin to the last
    one's end, as sure as all of them together.

    Args:
        transcript: as it was heard; its words stand in its text in their order.
        text: the new one.
        replacements: in order, without overlaps.

    Raises:
        ValueError: the replacements do not lead from the old text to the new one.
    """
    if not _lead(transcript.text, text, replacements):
        raise ValueError("a text does not follow from its replacements")
    words: list[Word] = []
    for group in _groups(transcript, replacements):
        begin = _moved(group.begin, replacements, inside=lambda part: part.new_begin)
        end = _moved(group.end, replacements, inside=lambda part: part.new_end)
        words.append(_joined(group.words, text[begin:end]))
    return replace(transcript, text=text, words=tuple(words))


@dataclass(frozen=True)
class _Group:
    """Words that become one, and where they stand in the old text."""

    words: tuple[Word, ...]
    begin: int
    end: int


def _groups(transcript: Transcript, replacements: Sequence[Replacement]) -> list[_Group]:
    groups: list[_Group] = []
    position = 0
    for word in transcript.words:
        begin = transcript.text.index(word.text, position)
        position = end = begin + len(word.text)
        last = groups[-1] if groups else None
        if last is not None and any(part.begin < last.end and begin < part.end for part in replacements):
            groups[-1] = _Group((*last.words, word), last.begin, end)
        else:
            groups.append(_Group((word,), begin, end))
    return groups


def _joined(words: Sequence[Word], text: str) -> Word:
    if len(words) == 1:
        return replace(words[0], text=text)
    begins = [word.begin for word in words if word.begin is not None]
    ends = [word.end for word in words if word.end is not None]
    confidence = math.prod(word.confidence for word in words)
    return Word(text, confidence, min(begins, default=None), max(ends, default=None))


def _moved(position: int, replacements: Sequence[Replacement], inside: Callable[[Replacement], int]) -> int:
    """Where a position of the old text is in the new one; `inside` tells it for one within a replacement."""
    shift = 0
    for part in replacements:
        if position <= part.begin:
            break
        if position < part.end:
            return inside(part)
        shift = part.new_end - part.end
    return position + shift


def _lead(old: str, new: str, replacements: Sequence[Replacement]) -> bool:
    position = new_position = 0
    for part in replacements:
        if not position <= part.begin <= part.end or old[position : part.begin] != new[new_position : part.new_begin]:
            return False
        position, new_position = part.end, part.new_end
    return old[position:] == new[new_position:]
