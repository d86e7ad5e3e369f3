"""The loop that turns recordings into hypotheses, a batch at a time, whatever networks encode and decode."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from .boosting import Bias
from .search import BeamSearch, Hypothesis

Array = NDArray[Any]
Tensors = dict[str, Array]

# Rows are encoded together where the shortest has at least this part of the longest one's samples.
_SIMILAR = 0.8
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
        language: Index of the language among those that the network knows.
        candidates: Texts, by their tokens, of which one is sought; none where any text may be found.
    """

    pcm: NDArray[np.int16]
    beams: int
    prefix: Sequence[int]
    bias: Bias | None
    cancelled: Callable[[], bool]
    language: int = 0
    candidates: Sequence[Sequence[int]] = ()


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


class Networks(Protocol):
    """An encoder and a decoder.

    Attributes:
        end: The token that ends a text.
        shortest: Fewest samples in which there can be a sound; what is shorter is not encoded.
    """

    end: int
    shortest: int

    def encode(self, recordings: Sequence[NDArray[np.int16]]) -> Tensors:
        """What the decoder needs of each recording: tensors by name, a row each."""
        ...

    def start(self, memory: Tensors, width: int) -> State:
        """The state before the first token, with `width` hypotheses for each recording."""
        ...

    def prompt(self, utterance: Utterance) -> list[int]:
        """The tokens that lead to the first one that is sought, the utterance's prefix included."""
        ...

    def limit(self, utterance: Utterance) -> int:
        """The most tokens, prefix and end included, that are sought."""
        ...

    def step(self, state: State, tokens: Sequence[Sequence[int]]) -> tuple[Array, State]:
        """float32[hypotheses, vocabulary], log-probabilities of what follows each hypothesis and its next `tokens`."""
        ...


def recognize(networks: Networks, utterances: Sequence[Utterance]) -> list[list[Hypothesis] | None]:
    """The hypotheses for each utterance, best first; None where nobody waits for them."""
    results: list[list[Hypothesis] | None] = [None] * len(utterances)
    for width in sorted({utterance.beams for utterance in utterances}):
        positions = [index for index, utterance in enumerate(utterances) if utterance.beams == width]
        found = _decode(networks, [utterances[index] for index in positions], width)
        for index, hypotheses in zip(positions, found, strict=True):
            results[index] = hypotheses
    return results


def encode_alike(
    recordings: Sequence[NDArray[np.int16]], encode: Callable[[Sequence[NDArray[np.int16]]], Tensors], most: int
) -> Tensors:
    """Encodes recordings that are about as long together, and puts all into one batch, padded with zeros.

    Args:
        recordings: In any order.
        encode: Gives tensors whose frames are the second dimension from the end, or of `mask` the last.
        most: Samples, padding included, that are encoded at once: an encoder's memory grows with them.
    """
    order = sorted(range(len(recordings)), key=lambda index: len(recordings[index]))
    parts = [(group, encode([recordings[i] for i in group])) for group in similar(recordings, order, most)]
    if len(parts) == 1 and parts[0][0] == list(range(len(recordings))):
        return parts[0][1]
    return _merge(parts, len(recordings))


def similar(recordings: Sequence[Any], order: Sequence[int], most: int) -> list[list[int]]:
    """`order`, indices by rising length, cut into groups that little padding makes equally long."""
    groups: list[list[int]] = []
    for index in order:
        group = groups[-1] if groups else []
        fits = group and (len(group) + 1) * len(recordings[index]) <= most
        if fits and len(recordings[group[0]]) >= _SIMILAR * len(recordings[index]):
            group.append(index)
        else:
            groups.append([index])
    return groups


def aligned(state: State, tokens: Sequence[Sequence[int]], padding: int) -> Tensors:
    """The next `tokens` of each hypothesis as the decoder takes them: the shorter ones padded on their left.

    Gives `tokens` int64[hypotheses,S], their `positions` int64[hypotheses,S] in the text, and `text_mask`
    int32[hypotheses,P+S], 0 where there is padding.
    """
    longest = max(map(len, tokens))
    given = np.array([[*[padding] * (longest - len(row)), *row] for row in tokens], np.int64)
    new = np.array([[*[0] * (longest - len(row)), *[1] * len(row)] for row in tokens], np.int32)
    text_mask = np.hstack([state.past["text_mask"], new])
    positions = np.maximum(text_mask.cumsum(1)[:, -longest:] - 1, 0)
    return {"tokens": given, "positions": positions, "text_mask": text_mask}


def _decode(networks: Networks, utterances: Sequence[Utterance], width: int) -> list[list[Hypothesis] | None]:
    searches = [
        BeamSearch(width, networks.limit(each), each.prefix, each.bias, end=networks.end) for each in utterances
    ]
    state = networks.start(networks.encode([each.pcm for each in utterances]), width)
    live = list(range(len(utterances)))
    gone: set[int] = set()
    tokens = [networks.prompt(each) for each in utterances for _ in range(width)]
    for step in itertools.count(1):
        if not live:
            break
        log_probabilities, state = networks.step(state, tokens)
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
    """One batch of groups that differ in their number of frames."""
    merged: Tensors = {}
    for name, example in parts[0][1].items():
        axis = 1 if name == "mask" else example.ndim - 2
        shape = list(example.shape)
        shape[0], shape[axis] = rows, max(tensors[name].shape[axis] for _, tensors in parts)
        merged[name] = np.zeros(shape, example.dtype)
        for group, tensors in parts:
            values = tensors[name]
            place = (np.array(group),) + (slice(None),) * (axis - 1) + (slice(values.shape[axis]),)
            merged[name][place] = values
    return merged
