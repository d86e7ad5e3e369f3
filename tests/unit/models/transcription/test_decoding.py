"""The decode loop over a scripted network: who is in the batch at each step, and who has left it."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from unit.models.transcription.served import served

decoding = served("decoding")
END, VOCABULARY = 2, 50


class Network:
    """Says the tokens that a recording's samples hold, then the end; notes how many hypotheses each step has."""

    end = END
    shortest = 1

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.first: list[list[int]] = []

    def encode(self, recordings: Sequence[Any]) -> dict[str, Any]:
        longest = max(len(each) for each in recordings)
        texts = [[*each, *[END] * (longest + 1 - len(each))] for each in recordings]
        return {"mask": np.ones((len(recordings), 1), np.int32), "texts": np.array(texts)}

    def start(self, memory: dict[str, Any], width: int) -> Any:
        rows = len(memory["mask"]) * width
        return decoding.State(memory, {"said": np.zeros((rows, 0), np.int64)})

    def prompt(self, utterance: Any) -> list[int]:
        return [1, *utterance.prefix]

    def limit(self, utterance: Any) -> int:
        return 100

    def step(self, state: Any, tokens: Sequence[Sequence[int]]) -> tuple[Any, Any]:
        self.first = self.first or [list(row) for row in tokens]
        self.steps.append(len(tokens))
        said = state.past["said"]
        # Of the tokens given first, the start is no part of the text.
        new = np.array([[len(row) - (1 if said.shape[1] == 0 else 0)] for row in tokens])
        counts = np.hstack([said, new])
        width = len(tokens) // len(state.memory["texts"])
        logs = np.full((len(tokens), VOCABULARY), -20.0, np.float32)
        for row, count in enumerate(counts.sum(1)):
            logs[row, state.memory["texts"][row // width, count]] = -0.1
        return logs, decoding.State(state.memory, {"said": counts})


def utterance(
    *tokens: int, beams: int = 1, prefix: Sequence[int] = (), cancelled: Callable[[], bool] = lambda: False
) -> Any:
    return decoding.Utterance(np.array(tokens), beams, prefix, None, cancelled)


def texts(found: Sequence[Any]) -> list[Any]:
    return [each and each[0].tokens for each in found]


def test_a_batch_shrinks_as_its_utterances_end() -> None:
    network = Network()
    found = decoding.recognize(network, [utterance(7, 8, 9, 10), utterance(11), utterance(12, 13)])
    assert texts(found) == [(7, 8, 9, 10), (11,), (12, 13)]
    assert network.steps == [3, 3, 2, 1, 1]


def test_an_utterance_that_nobody_waits_for_leaves_the_batch() -> None:
    network = Network()
    gone = utterance(*range(3, 40), cancelled=lambda: True)
    found = decoding.recognize(network, [gone, utterance(*range(3, 23))])
    assert texts(found) == [None, tuple(range(3, 23))]
    assert network.steps == [2] * 16 + [1] * 5


def test_utterances_with_as_many_beams_are_decoded_together() -> None:
    network = Network()
    found = decoding.recognize(network, [utterance(7, 8, beams=3), utterance(9), utterance(10, beams=3)])
    assert texts(found) == [(7, 8), (9,), (10,)]
    assert network.steps[:2] == [1, 1]
    assert network.steps[2] == 6


def test_a_known_beginning_is_read_at_once_and_not_returned() -> None:
    network = Network()
    found = decoding.recognize(network, [utterance(7, 8, 9, 10, prefix=[7, 8, 9]), utterance(11, 12)])
    assert texts(found) == [(10,), (11, 12)]
    assert network.first == [[1, 7, 8, 9], [1]]


@pytest.mark.parametrize(
    ("lengths", "groups"),
    [
        ([100, 100, 100], [[0, 1, 2]]),
        ([100, 81, 80, 79], [[3, 2, 1], [0]]),
        ([10, 100, 50], [[0], [2], [1]]),
        ([20 * 16000] * 3, [[0, 1], [2]]),
        ([60 * 16000], [[0]]),
    ],
)
def test_recordings_are_encoded_together_where_that_wastes_little(lengths: list[int], groups: list[list[int]]) -> None:
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    assert decoding.similar([range(length) for length in lengths], order, 40 * 16000) == groups
