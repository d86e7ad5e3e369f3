"""An encoder and a decoder as ONNX files with the tensors that all of ours have.

* `encoder.onnx`: `pcm` int16[N,S], where it matters `lengths` int64[N] -> the memory: tensors with a row for each
  recording, of which `mask` int32[N,T], where there is one, says which frames are within the row.
* `decoder.onnx`: `tokens` and `positions` int64[N*B,S], `text_mask` int32[N*B,P+S], the memory, and
  `past.*` float32[N*B,H,P,D] -> `log_probabilities` float32[N*B,V] of what follows the last token, and `present.*`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .decoding import State, Tensors, aligned, encode_alike

Array = NDArray[Any]


class OnnxNetworks:
    """The encoder and the decoder.

    Args:
        folder: Where `encoder.onnx` and `decoder.onnx` lie.
        open_session: Makes an ONNX Runtime session of a file.
        end: The token that ends a text.
        shortest: Fewest samples that are encoded; what has less is filled up.
        together: Most samples, padding included, that are encoded at once.
    """

    def __init__(
        self, folder: Path, open_session: Callable[[Path], Any], *, end: int, shortest: int, together: int
    ) -> None:
        self.end, self.shortest, self._together = end, shortest, together
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
        return encode_alike(recordings, self._encode, self._together)

    def start(self, memory: Tensors, width: int) -> State:
        """The state before the first token, with `width` hypotheses for each recording."""
        rows = len(next(iter(memory.values()))) * width
        past = {name: np.zeros((rows, *shape), np.float32) for name, shape in self._past.items()}
        return State(memory, {"text_mask": np.zeros((rows, 0), np.int32), **past})

    def step(self, state: State, tokens: Sequence[Sequence[int]]) -> tuple[Array, State]:
        """float32[hypotheses, vocabulary], log-probabilities of what follows each hypothesis and its next `tokens`."""
        given = aligned(state, tokens, padding=self.end)
        feeds = {**state.memory, **state.past, **given}
        results = dict(zip(self._decoded, self._decoder.run(self._decoded, feeds), strict=True))
        log_probabilities = results.pop("log_probabilities")
        past = {name.replace("present", "past"): values for name, values in results.items()}
        return log_probabilities, State(state.memory, {"text_mask": given["text_mask"], **past})

    def _encode(self, recordings: Sequence[NDArray[np.int16]]) -> Tensors:
        lengths = np.array([max(len(pcm), self.shortest) for pcm in recordings], np.int64)
        batch = np.zeros((len(recordings), lengths.max()), np.int16)
        for row, pcm in zip(batch, recordings, strict=True):
            row[: len(pcm)] = pcm
        results = self._encoder.run(self._encoded, {"pcm": batch, "lengths": lengths})
        return dict(zip(self._encoded, results, strict=True))
