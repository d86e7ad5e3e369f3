"""Beam search over one utterance; with one beam it is greedy decoding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .boosting import START, Bias, BiasState

Array = NDArray[Any]

# What is so much less likely than the best continuation is not considered.
_MARGIN = 12.0
# A text that says the same again and again has left the recording: so many copies of up to so many tokens, which make
# up at least so many tokens in all.
_COPIES, _PERIOD, _REPEATED = 4, 16, 8
# So many tokens may follow a prefix that is already as long as the recording allows.
_FEWEST = 3


class Hypothesis(NamedTuple):
    """A text for an utterance.

    Attributes:
        tokens: Without the end.
        log_probabilities: The network's, for each token.
        score: Mean over tokens and end, boosts included; what hypotheses are ranked by.
        finished: Whether the network ended the text itself.
    """

    tokens: tuple[int, ...]
    log_probabilities: tuple[float, ...]
    score: float
    finished: bool


class Beam(NamedTuple):
    """A text that may still grow; `total` is the sum of its log-probabilities and boosts."""

    tokens: tuple[int, ...]
    log_probabilities: tuple[float, ...]
    total: float
    state: BiasState


class Candidate(NamedTuple):
    """A beam with one more token: its new total, its parent's index, the token and the token's log-probability."""

    total: float
    parent: int
    token: int
    log_probability: float


class BeamSearch:
    """Follows the `width` best texts, step by step.

    After each `advance`, `tokens` and `parents` say how the hypotheses go on: int[width] each.

    Args:
        width: Number of hypotheses followed.
        limit: Most tokens of a text, prefix and end included.
        prefix: What the text is known to begin with; hypotheses are what follows.
        bias: Phrases to favour.
        end: The token that ends a text.
    """

    def __init__(
        self, width: int, limit: int, prefix: Sequence[int] = (), bias: Bias | None = None, *, end: int
    ) -> None:
        self._width, self._bias, self._end_token = width, bias, end
        self._limit = max(limit - len(prefix), _FEWEST)
        state = START
        if bias is not None:
            for token in prefix:
                state = bias.follow(state, token)
        self._beams = [Beam((), (), 0.0, state)]
        self._ended: list[Hypothesis] = []
        self.tokens: list[int] = []
        self.parents: list[int] = []

    @property
    def done(self) -> bool:
        """Whether no more steps are needed."""
        return not self._beams or len(self._ended) >= self._width

    def advance(self, log_probabilities: Array) -> None:
        """Go on with float32[width, vocabulary], what follows each hypothesis."""
        candidates = self._candidates(log_probabilities)
        beams, self._beams, self.tokens, self.parents = self._beams, [], [], []
        for rank, candidate in enumerate(candidates):
            if len(self._beams) == self._width:
                break
            beam = beams[candidate.parent]
            if candidate.token != self._end_token:
                self._grow(beam, candidate)
            elif rank < self._width:
                self._end(beam, candidate.total, finished=True)
        if self._beams and len(self._beams[0].tokens) >= self._limit:
            self._stop()
        # Hypotheses that are missing repeat the last one, so that every utterance has as many; none looks at them.
        missing = self._width - len(self.tokens)
        self.tokens += self.tokens[-1:] * missing
        self.parents += self.parents[-1:] * missing

    def hypotheses(self) -> list[Hypothesis]:
        """The texts found, at most `width`: those that were finished first, and of them the best first."""
        return sorted(self._ended, key=lambda each: (each.finished, each.score), reverse=True)[: self._width]

    def _candidates(self, log_probabilities: Array) -> list[Candidate]:
        """The continuations of all beams, best first, as many as can be needed."""
        if self._width == 1 and self._bias is None:
            token = int(log_probabilities[0].argmax())
            value = float(log_probabilities[0, token])
            return [Candidate(self._beams[0].total + value, 0, token, value)]
        found = []
        for parent, (beam, row) in enumerate(zip(self._beams, log_probabilities, strict=False)):
            scores = row if self._bias is None else self._bias.apply(beam.state, row)
            # One beam may take all places, and one more token may be the end.
            found += [
                Candidate(beam.total + float(scores[token]), parent, token, float(row[token]))
                for token in best(scores, self._width + 1)
            ]
        return sorted(found, reverse=True)

    def _grow(self, beam: Beam, candidate: Candidate) -> None:
        tokens = (*beam.tokens, candidate.token)
        values = (*beam.log_probabilities, candidate.log_probability)
        state = beam.state if self._bias is None else self._bias.follow(beam.state, candidate.token)
        grown = Beam(tokens, values, candidate.total, state)
        if repeated := loop(tokens):
            kept = len(tokens) - repeated
            self._end(Beam(tokens[:kept], values[:kept], candidate.total, state), candidate.total, finished=False)
            return
        self._beams.append(grown)
        self.tokens.append(candidate.token)
        self.parents.append(candidate.parent)

    def _end(self, beam: Beam, total: float, *, finished: bool) -> None:
        score = total / (len(beam.tokens) + 1)
        self._ended.append(Hypothesis(beam.tokens, beam.log_probabilities, score, finished))

    def _stop(self) -> None:
        for beam in self._beams[: self._width - len(self._ended)]:
            self._end(beam, beam.total, finished=False)
        self._beams = []


def best(scores: Array, count: int) -> list[int]:
    """Indices of the `count` highest scores, highest first; fewer where the rest is far below."""
    near = np.flatnonzero(scores >= scores.max() - _MARGIN)
    ordered = near[np.argsort(-scores[near], kind="stable")]
    return [int(index) for index in ordered[:count]]


def loop(tokens: Sequence[int]) -> int:
    """How many tokens at the end only repeat the ones before; 0 where the text does not loop."""
    for period in range(1, _PERIOD + 1):
        copies = max(_COPIES, -(-_REPEATED // period))
        if len(tokens) < copies * period:
            continue
        tail = tokens[-copies * period :]
        if all(tail[index] == tail[index % period] for index in range(len(tail))):
            return (copies - 1) * period
    return 0
