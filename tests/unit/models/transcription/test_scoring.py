"""Given texts scored over a scripted network, whose likelihoods depend on all that a text has said so far."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from unit.models.transcription.served import served

decoding, scoring = served("decoding"), served("scoring")
START, END, VOCABULARY = 1, 2, 12


def likelihoods(recording: int, said: Sequence[int]) -> Any:
    """What follows tokens that have been said in a recording."""
    values = np.random.default_rng([recording, *said]).normal(size=VOCABULARY)
    return values - np.log(np.exp(values).sum())


class Network:
    """Remembers what each hypothesis has said; notes what it is asked."""

    end, shortest = END, 1

    def __init__(self) -> None:
        self.asked: list[list[list[int]]] = []

    def encode(self, recordings: Sequence[Any]) -> dict[str, Any]:
        return {"first": np.array([recording[0] for recording in recordings])}

    def start(self, memory: dict[str, Any], width: int) -> Any:
        return decoding.State(memory, {"said": np.zeros((len(memory["first"]) * width, 0), np.int64)})

    def prompt(self, utterance: Any) -> list[int]:
        return [START, *utterance.prefix]

    def step(self, state: Any, tokens: Sequence[Sequence[int]]) -> tuple[Any, Any]:
        self.asked.append([list(row) for row in tokens])
        said = np.hstack([state.past["said"], np.array(tokens)])
        (recording,) = state.memory["first"]
        logs = np.stack([likelihoods(int(recording), row) for row in said.tolist()])
        return logs, decoding.State(state.memory, {"said": said})


def utterance(
    recording: int,
    *candidates: tuple[int, ...],
    prefix: Sequence[int] = (),
    cancelled: Callable[[], bool] = lambda: False,
) -> Any:
    return decoding.Utterance(np.array([recording]), 1, prefix, None, cancelled, 0, candidates)


def expected(recording: int, text: Sequence[int], prefix: Sequence[int] = ()) -> list[float]:
    said, values = [START, *prefix], []
    for token in (*text, END):
        values.append(float(likelihoods(recording, said)[token]))
        said.append(token)
    return values


def test_a_text_is_as_likely_as_its_tokens_and_its_end_together() -> None:
    candidates = ((5, 6, 7), (5, 6), (8,), ())
    (found,) = scoring.score(Network(), [utterance(3, *candidates)])
    assert [each.tokens for each in found] == list(candidates)
    for each in found:
        values = expected(3, each.tokens)
        assert each.log_probabilities == pytest.approx(values[:-1])
        assert each.score == pytest.approx(math.fsum(values))
        assert each.finished


def test_what_texts_begin_with_is_asked_once() -> None:
    network = Network()
    scoring.score(network, [utterance(3, (5, 6, 7), (5, 6, 8), (5, 9), (5, 9))])
    assert network.asked == [[[START]], [[5]], [[6], [9]], [[7], [8]]]


def test_each_utterance_has_its_own_texts() -> None:
    found = scoring.score(Network(), [utterance(3, (5,)), utterance(4, (5,), (6, 7), prefix=[9])])
    assert [[each.tokens for each in one] for one in found] == [[(5,)], [(5,), (6, 7)]]
    assert found[0][0].score == pytest.approx(math.fsum(expected(3, [5])))
    assert found[1][0].score == pytest.approx(math.fsum(expected(4, [5], [9])))
    assert found[1][1].score == pytest.approx(math.fsum(expected(4, [6, 7], [9])))


def test_what_nobody_waits_for_is_not_scored() -> None:
    network = Network()
    found = scoring.score(network, [utterance(3, (5,), cancelled=lambda: True), utterance(4, (6,))])
    assert found[0] is None
    assert found[1][0].tokens == (6,)
    assert network.asked == [[[START]], [[6]]]
