"""What connectionist temporal classification says was spoken: the best path, or prefix beam search.

Graves et al., "Connectionist Temporal Classification", ICML 2006; Hannun et al., "First-Pass Large Vocabulary
Continuous Speech Recognition using Bi-Directional Recurrent DNNs", 2014.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sensorium_models.python_models.transcription.boosting import START, Bias, BiasState
else:  # the build puts it beside this file
    from .boosting import START, Bias, BiasState

Array = NDArray[Any]

_NEVER = float("-inf")
# A frame that is so surely blank changes no text.
_SURE = float(np.log(0.999))
# Tokens that are so much less likely than the likeliest are not followed, and of the others the likeliest so many.
_MARGIN, _MOST = 7.0, 12


class Symbols(NamedTuple):
    """What of a vocabulary is no text.

    Attributes:
        blank: Stands between tokens.
        silent: Further tokens that stand for nothing.
        space: Begins a word; None where texts have no words.
    """

    blank: int
    silent: Sequence[int]
    space: int | None


def best_path(log_probabilities: Array, symbols: Symbols) -> list[int]:
    """The tokens of the likeliest path through float32[T,V]."""
    likeliest = log_probabilities.argmax(1)
    changed = np.concatenate([[True], likeliest[1:] != likeliest[:-1]]) if len(likeliest) else np.zeros(0, bool)
    nothing = {symbols.blank, *symbols.silent}
    return [int(token) for token in likeliest[changed] if int(token) not in nothing]


class _Prefix:
    """The beginning of a text, and what phrases have gained in it."""

    __slots__ = ("_gains", "bias", "children", "gained", "last", "parent", "state")

    def __init__(self, parent: _Prefix | None, last: int, state: BiasState, gained: float, bias: Bias | None) -> None:
        self.parent, self.last, self.state, self.gained, self.bias = parent, last, state, gained, bias
        self.children: dict[int, _Prefix] = {}
        self._gains: Array | None = None

    def extended(self, token: int, size: int) -> _Prefix:
        """The prefix with one more token."""
        child = self.children.get(token)
        if child is None:
            state, gained = self.state, self.gained
            if self.bias is not None:
                if self._gains is None:
                    self._gains = self.bias.apply(state, np.zeros(size, np.float32))
                gained += float(self._gains[token])
                state = self.bias.follow(state, token)
            child = self.children[token] = _Prefix(self, token, state, gained, self.bias)
        return child

    @property
    def total(self) -> float:
        """What has been gained if the text ends here."""
        return self.gained - self.state.pending + self.state.earned

    @property
    def tokens(self) -> list[int]:
        """The text."""
        found: list[int] = []
        here: _Prefix | None = self
        while here is not None and here.parent is not None:
            found.append(here.last)
            here = here.parent
        return found[::-1]


# Logarithms of the probabilities of the paths that end in a blank, and of those that end in the prefix's last token.
_Mass = tuple[float, float]
_Beams = dict[_Prefix, _Mass]


def prefix_search(
    log_probabilities: Array, symbols: Symbols, width: int, bias: Bias | None = None
) -> list[tuple[list[int], float]]:
    """The `width` likeliest texts, best first, and the logarithm of what each gets, the gains of phrases included.

    Args:
        log_probabilities: float32[T,V].
        symbols: What is no text.
        width: How many prefixes are followed.
        bias: Phrases to favour.
    """
    values = _without_silent(log_probabilities, symbols)
    size = values.shape[1]
    state = START
    if bias is not None and symbols.space is not None:
        state = bias.follow(state, symbols.space)  # a text begins with a word
    beams: _Beams = {_Prefix(None, symbols.blank, state, 0.0, bias): (0.0, _NEVER)}
    for row, candidates in zip(values, _candidates(values, symbols.blank), strict=True):
        beams = _next(beams, row, candidates, symbols.blank, size)
        best = sorted(beams, key=lambda prefix: _sum(*beams[prefix]) + prefix.gained, reverse=True)
        beams = {prefix: beams[prefix] for prefix in best[:width]}
    totals = [(prefix.tokens, _sum(*mass) + prefix.total) for prefix, mass in beams.items()]
    return sorted(totals, key=lambda found: found[1], reverse=True)


def _next(beams: _Beams, row: Array, candidates: Sequence[int], blank: int, size: int) -> _Beams:
    grown: _Beams = {}

    def add(prefix: _Prefix, in_blank: float, in_token: float) -> None:
        before = grown.get(prefix, (_NEVER, _NEVER))
        grown[prefix] = (_sum(before[0], in_blank), _sum(before[1], in_token))

    for prefix, (in_blank, in_token) in beams.items():
        whole = _sum(in_blank, in_token)
        stays = in_token + float(row[prefix.last]) if prefix.parent is not None else _NEVER
        add(prefix, whole + float(row[blank]), stays)
        for token in candidates:
            # The same token again is a new one only behind a blank.
            source = in_blank if token == prefix.last and prefix.parent is not None else whole
            if source > _NEVER:
                add(prefix.extended(token, size), _NEVER, source + float(row[token]))
    return grown


def _candidates(values: Array, blank: int) -> list[list[int]]:
    """For each frame the tokens that may come next."""
    found: list[list[int]] = []
    for row in values:
        if row[blank] >= _SURE:
            found.append([])
            continue
        near = np.flatnonzero(row >= row.max() - _MARGIN)
        near = near[near != blank]
        found.append([int(token) for token in near[np.argsort(-row[near], kind="stable")][:_MOST]])
    return found


def _without_silent(values: Array, symbols: Symbols) -> Array:
    if not symbols.silent:
        return values
    changed: Array = values.copy()
    nothing = [symbols.blank, *symbols.silent]
    changed[:, symbols.blank] = np.logaddexp.reduce(values[:, nothing], axis=1)
    changed[:, list(symbols.silent)] = _NEVER
    return changed


def _sum(first: float, second: float) -> float:
    """The logarithm of the sum of two probabilities, given as logarithms."""
    if first < second:
        first, second = second, first
    return first if second == _NEVER else first + float(np.log1p(np.exp(second - first)))


def aligned(log_probabilities: Array, tokens: Sequence[int], blank: int) -> list[tuple[int, int]]:
    """First and last frame of each token on the likeliest path of float32[T,V] that says `tokens` (Viterbi).

    Raises:
        ValueError: There are too few frames.
    """
    if not tokens:
        return []
    labels = np.full(2 * len(tokens) + 1, blank)
    labels[1::2] = tokens
    # A token may follow another without a blank where they differ.
    skips = np.zeros(len(labels), bool)
    skips[3::2] = labels[3::2] != labels[1:-2:2]
    score = np.full(len(labels), -np.inf)
    score[:2] = log_probabilities[0, labels[:2]]
    steps = np.zeros((len(log_probabilities), len(labels)), np.int8)
    for frame in range(1, len(log_probabilities)):
        one = np.concatenate([[-np.inf], score[:-1]])
        two = np.where(skips, np.concatenate([[-np.inf, -np.inf], score[:-2]]), -np.inf)
        ways = np.stack([score, one, two])
        steps[frame] = ways.argmax(0)
        score = ways.max(0) + log_probabilities[frame, labels]
    state = len(labels) - 1 if score[-1] >= score[-2] else len(labels) - 2
    if score[state] == -np.inf:
        raise ValueError("there are fewer frames than tokens")
    spans: list[tuple[int, int] | None] = [None] * len(tokens)
    for frame in range(len(log_probabilities) - 1, -1, -1):
        if state % 2:
            known = spans[state // 2]
            spans[state // 2] = (frame, frame if known is None else known[1])
        state -= int(steps[frame, state])
    return [span for span in spans if span is not None]
