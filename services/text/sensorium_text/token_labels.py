"""From a token classifier's probabilities to labelled spans of the text: windows, and the decoding of BIO and BILUO.

Labels are `O` outside and `B-X`, `I-X` inside entities (IOB2: Tjong Kim Sang and Buchholz 2000, "Introduction to the
CoNLL-2000 Shared Task"), with `L-X`/`E-X` and `U-X`/`S-X` for last and only tokens where a model has them (BILUO,
IOBES). An `I` or `L` that nothing begins, begins an entity: so CoNLL's scorer, conlleval, repairs it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sensorium_text.domain import Floats, Span

_OUTSIDE = "O"
_BEGINNING = frozenset("BUS")
_ENDING = frozenset("LUES")
_PREFIXES = frozenset("BILUES")
_NO_WORD_BOUNDARIES = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0xA4CF), (0xF900, 0xFAFF))
_SUPPLEMENTARY_IDEOGRAPHS = 0x20000


class LabelledSpan(NamedTuple):
    """What a token classifier found: the label without prefix, where, and the mean probability of its tokens."""

    label: str
    span: Span
    confidence: float


def windows(count: int, size: int, overlap: int) -> list[slice]:
    """Slices of at most `size` tokens that cover `count` tokens; neighbours share `overlap` or more.

    The last one is moved to the front until it is full, so that every token has as much context as there is.

    Raises:
        ValueError: `overlap` is not in 0..size-1.
    """
    if not 0 <= overlap < size:
        raise ValueError(f"an overlap of {overlap} tokens does not fit windows of {size}")
    if count <= size:
        return [slice(0, count)] if count else []
    starts = [*range(0, count - size, size - overlap), count - size]
    return [slice(start, start + size) for start in starts]


def merge(parts: Sequence[Floats], windows: Sequence[slice]) -> Floats:
    """One row a token from the windows' rows: of the window in which the token has most context on its scarcer side.

    Args:
        parts: `float32[window's length, L]`, one a window.
        windows: as `windows` gave them, one at least.

    Returns:
        `float32[T,L]`.
    """
    cuts = [0, *((left.stop + right.start + 1) // 2 for left, right in pairwise(windows)), windows[-1].stop]
    rows = [
        part[begin - window.start : end - window.start]
        for part, window, (begin, end) in zip(parts, windows, pairwise(cuts), strict=True)
    ]
    return np.concatenate(rows)


def spans(probabilities: Floats, labels: Sequence[str], token_spans: Sequence[Span], text: str) -> list[LabelledSpan]:
    """Entities in the order of the text, without overlaps.

    The pieces of a word (adjoining tokens, letter to letter) are labelled together, by the mean of their
    probabilities, so that no entity ends within a word. The probability of a type is that of all its prefixes.

    Args:
        probabilities: `float32[T,L]`, 0 to 1.
        labels: the classes, L names.
        token_spans: where the tokens are in the text, T of them in its order.
        text: the text.
    """
    if not token_spans:
        return []
    scheme = _Scheme.of(labels)
    words = _words(token_spans, text)
    firsts = np.array([word.start for word in words])
    lasts = np.array([word.stop - 1 for word in words])
    by_type = probabilities @ scheme.types
    means = np.add.reduceat(by_type, firsts, axis=0) / (lasts - firsts + 1)[:, None]
    chosen = np.argmax(means, axis=1)
    begins = _prevails(probabilities[firsts], scheme.beginning, by_type[firsts], chosen)
    ends = _prevails(probabilities[lasts], scheme.ending, by_type[lasts], chosen)
    found = []
    for group in _entities(chosen, begins, ends):
        tokens = slice(words[group.start].start, words[group.stop - 1].stop)
        kind = int(chosen[group.start])
        span = _stripped(Span(token_spans[tokens.start].begin, token_spans[tokens.stop - 1].end), text)
        if span.begin < span.end:
            confidence = min(1.0, float(np.mean(by_type[tokens, kind])))
            found.append(LabelledSpan(scheme.names[kind], span, confidence))
    return found


@dataclass(frozen=True)
class _Scheme:
    """Matrices `float32[L, types]` that add up labels by type: all, those that begin, those that end. Type 0 is O."""

    names: tuple[str, ...]
    types: Floats
    beginning: Floats
    ending: Floats

    @classmethod
    def of(cls, labels: Sequence[str]) -> "_Scheme":
        parsed = [_parse(label) for label in labels]
        names = tuple(dict.fromkeys([_OUTSIDE, *(name for _, name in parsed)]))
        types = np.zeros((len(labels), len(names)), np.float32)
        beginning, ending = np.zeros_like(types), np.zeros_like(types)
        for row, (prefix, name) in enumerate(parsed):
            column = names.index(name)
            types[row, column] = 1
            beginning[row, column] = prefix in _BEGINNING
            ending[row, column] = prefix in _ENDING
        return cls(names, types, beginning, ending)


def _parse(label: str) -> tuple[str, str]:
    """Prefix and type; a label without prefix counts as inside."""
    prefix, dash, name = label.partition("-")
    return (prefix, name) if dash and name and prefix in _PREFIXES else ("I", label)


def _prevails(
    probabilities: Floats, prefixes: Floats, by_type: Floats, chosen: npt.NDArray[np.intp]
) -> npt.NDArray[np.bool_]:
    """`bool[words]`: whether these prefixes have more than half of the chosen type's probability."""
    rows = np.arange(len(chosen))
    result: npt.NDArray[np.bool_] = 2 * (probabilities @ prefixes)[rows, chosen] > by_type[rows, chosen]
    return result


def _entities(chosen: npt.NDArray[np.intp], begins: npt.NDArray[np.bool_], ends: npt.NDArray[np.bool_]) -> list[slice]:
    """Runs of words of one type, cut where one begins or the last has ended."""
    changes = np.ones(len(chosen), np.bool_)
    changes[1:] = (chosen[1:] != chosen[:-1]) | begins[1:] | ends[:-1]
    starts = np.flatnonzero(changes)
    stops = np.append(starts[1:], len(chosen))
    return [slice(int(a), int(b)) for a, b in zip(starts, stops, strict=True) if chosen[a] != 0]


def _words(token_spans: Sequence[Span], text: str) -> list[slice]:
    """Groups of tokens that are one word."""
    starts = [0]
    for index, (left, right) in enumerate(pairwise(token_spans), 1):
        if not _same_word(left, right, text):
            starts.append(index)
    return [slice(a, b) for a, b in pairwise([*starts, len(token_spans)])]


def _same_word(left: Span, right: Span, text: str) -> bool:
    if right.begin < left.end:
        return True  # a character of several tokens, such as a Hangul syllable decomposed into letters
    if right.begin > left.end or left.begin == left.end or right.begin == right.end:
        return False
    return _joins(text[left.end - 1]) and _joins(text[right.begin])


def _joins(character: str) -> bool:
    """Whether adjoining characters of this kind make a word: letters and digits of scripts with spaces."""
    code = ord(character)
    if code >= _SUPPLEMENTARY_IDEOGRAPHS or any(low <= code <= high for low, high in _NO_WORD_BOUNDARIES):
        return False
    return character.isalnum()


def _stripped(span: Span, text: str) -> Span:
    """The span without white space at its ends: some tokenizers count it to the word."""
    written = span.of(text)
    begin = span.begin + len(written) - len(written.lstrip())
    return Span(begin, max(begin, span.begin + len(written.rstrip())))
