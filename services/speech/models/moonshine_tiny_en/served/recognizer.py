"""Moonshine's networks, and the loop that turns recordings into hypotheses, a batch at a time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .boosting import Bias
from .search import BeamSearch, Hypothesis

Array = NDArray[Any]
Tensors = dict[str, Array]

START = 1
SAMPLE_RATE = 16000
# The convolutions make no frame of less.
MIN_SAMPLES = 895
MAX_SAMPLES = 60 * SAMPLE_RATE
# Moonshine's authors: nobody speaks faster, and a text that grows beyond it is no transcript.
TOKENS_PER_SECOND = 6.5
# Rows are encoded together where the shortest has at least this part of the longest one's samples, up to so many
# samples in all: the encoder's memory grows with the square of a row's length.
_SIMILAR = 0.8
_ENCODED_TOGETHER = 40 * SAMPLE_RATE
# A cancelled utterance leaves the batch at most this many tokens later.
_STEPS_BETWEEN_QUESTIONS = 16


class Utterance(NamedTuple):
    """One recording to recognise.

    Attributes:
        pcm: int16[S], 16 kHz.
        beams: How many hypotheses are followed and returned.
        prefix: Tokens that the text is known to begin with; they are not returned.
        bias: Phrases that are likelier than the network thinks, or None.
        cancelled: Whether nobody waits for the result any more.
    """

    pcm: NDArray[np.int16]
    beams: int
    prefix: Sequence[int]
    bias: Bias | None
    cancelled: Callable[[], bool]


class State(NamedTuple):
    """Where a batch of hypotheses stands: `memory` per utterance, `past` per hypothesis.

    `past` holds the keys and values of the tokens so far, and `text_mask`, 0 where a text has none yet. Texts end
    together, so that the shorter ones begin later.
    """

    memory: Tensors
    past: Tensors

    def select(self, utterances: Sequence[int], hypotheses: Sequence[int]) -> State:
        """The state of some utterances and hypotheses."""
        return State(_rows(self.memory, utterances), _rows(self.past, hypotheses))


class Network:
    """The encoder and the decoder.

    Args:
        folder: Where `encoder.onnx` and `decoder.onnx` lie.
        open_session: Makes an ONNX Runtime session of a file.
    """

    def __init__(self, folder: Path, open_session: Callable[[Path], Any]) -> None:
        self._encoder = open_session(folder / "encoder.onnx")
        self._decoder = open_session(folder / "decoder.onnx")
        self._encoded = [output.name for output in self._encoder.get_outputs()]
        self._decoded = [output.name for output in self._decoder.get_outputs()]
        self._past = {
            tensor.name: tuple(0 if dim == "past" else dim for dim in tensor.shape[1:])
            for tensor in self._decoder.get_inputs()
            if tensor.name.startswith("past.")
        }

    def encode(self, recordings: Sequence[NDArray[np.int16]]) -> Tensors:
        """What the decoder needs of each recording, padded to the longest one."""
        order = sorted(range(len(recordings)), key=lambda index: len(recordings[index]))
        parts = [(group, self._encode([recordings[i] for i in group])) for group in similar(recordings, order)]
        if len(parts) == 1 and parts[0][0] == list(range(len(recordings))):
            return parts[0][1]
        return _merge(parts, len(recordings))

    def start(self, memory: Tensors, width: int) -> State:
        """The state before the first token, with `width` hypotheses for each recording."""
        rows = len(memory["mask"]) * width
        past = {name: np.zeros((rows, *shape), np.float32) for name, shape in self._past.items()}
        return State(memory, {"text_mask": np.zeros((rows, 0), np.int32), **past})

    def step(self, state: State, tokens: Sequence[Sequence[int]]) -> tuple[Array, State]:
        """float32[hypotheses, vocabulary], log-probabilities of what follows each hypothesis and its next `tokens`."""
        longest = max(map(len, tokens))
        given = np.array([[*[START] * (longest - len(row)), *row] for row in tokens], np.int64)
        new = np.array([[*[0] * (longest - len(row)), *[1] * len(row)] for row in tokens], np.int32)
        text_mask = np.hstack([state.past["text_mask"], new])
        positions = np.maximum(text_mask.cumsum(1)[:, -longest:] - 1, 0)
        feeds = {**state.memory, **state.past, "tokens": given, "positions": positions, "text_mask": text_mask}
        results = dict(zip(self._decoded, self._decoder.run(self._decoded, feeds), strict=True))
        log_probabilities = results.pop("log_probabilities")
        past = {name.replace("present", "past"): values for name, values in results.items()}
        return log_probabilities, State(state.memory, {"text_mask": text_mask, **past})

    def _encode(self, recordings: Sequence[NDArray[np.int16]]) -> Tensors:
        lengths = np.array([max(len(pcm), MIN_SAMPLES) for pcm in recordings], np.int64)
        batch = np.zeros((len(recordings), lengths.max()), np.int16)
        for row, pcm in zip(batch, recordings, strict=True):
            row[: len(pcm)] = pcm
        results = self._encoder.run(self._encoded, {"pcm": batch, "lengths": lengths})
        return dict(zip(self._encoded, results, strict=True))


def recognize(network: Network, utterances: Sequence[Utterance]) -> list[list[Hypothesis] | None]:
    """The hypotheses for each utterance, best first; None where nobody waits for them."""
    results: list[list[Hypothesis] | None] = [None] * len(utterances)
    for width in sorted({utterance.beams for utterance in utterances}):
        positions = [index for index, utterance in enumerate(utterances) if utterance.beams == width]
        found = _decode(network, [utterances[index] for index in positions], width)
        for index, hypotheses in zip(positions, found, strict=True):
            results[index] = hypotheses
    return results


def token_limit(samples: int) -> int:
    """The most tokens, the end included, that are sought in a recording of so many samples."""
    return math.ceil(samples / SAMPLE_RATE * TOKENS_PER_SECOND) + 1


def similar(recordings: Sequence[Any], order: Sequence[int]) -> list[list[int]]:
    """`order`, indices by rising length, cut into groups that little padding makes equally long."""
    groups: list[list[int]] = []
    for index in order:
        group = groups[-1] if groups else []
        fits = group and (len(group) + 1) * len(recordings[index]) <= _ENCODED_TOGETHER
        if fits and len(recordings[group[0]]) >= _SIMILAR * len(recordings[index]):
            group.append(index)
        else:
            groups.append([index])
    return groups


def _decode(network: Network, utterances: Sequence[Utterance], width: int) -> list[list[Hypothesis] | None]:
    searches = [BeamSearch(width, token_limit(len(each.pcm)), each.prefix, each.bias) for each in utterances]
    state = network.start(network.encode([each.pcm for each in utterances]), width)
    live = list(range(len(utterances)))
    gone: set[int] = set()
    tokens = [[START, *each.prefix] for each in utterances for _ in range(width)]
    for step in itertools.count(1):
        if not live:
            break
        log_probabilities, state = network.step(state, tokens)
        tokens, parents, staying = [], [], []
        for slot, index in enumerate(live):
            search, first = searches[index], slot * width
            search.advance(log_probabilities[first : first + width])
            if step % _STEPS_BETWEEN_QUESTIONS == 0 and utterances[index].cancelled():
                gone.add(index)
            elif not search.done:
                staying.append(slot)
                tokens += [[token] for token in search.tokens]
                parents += [first + parent for parent in search.parents]
        state = state.select(staying, parents)
        live = [live[slot] for slot in staying]
    return [None if index in gone else search.hypotheses() for index, search in enumerate(searches)]


def _rows(tensors: Tensors, chosen: Sequence[int]) -> Tensors:
    if list(chosen) == list(range(len(next(iter(tensors.values()))))):
        return tensors
    index = np.array(chosen, np.int64)
    return {name: values[index] for name, values in tensors.items()}


def _merge(parts: Sequence[tuple[Sequence[int], Mapping[str, Array]]], rows: int) -> Tensors:
    """One batch of groups that differ in their number of frames, the second dimension from the end but for `mask`."""
    merged: Tensors = {}
    for name, example in parts[0][1].items():
        axis = 1 if name == "mask" else 2
        shape = list(example.shape)
        shape[0], shape[axis] = rows, max(tensors[name].shape[axis] for _, tensors in parts)
        merged[name] = np.zeros(shape, example.dtype)
        for group, tensors in parts:
            values = tensors[name]
            place = (np.array(group),) + (slice(None),) * (axis - 1) + (slice(values.shape[axis]),)
            merged[name][place] = values
    return merged
