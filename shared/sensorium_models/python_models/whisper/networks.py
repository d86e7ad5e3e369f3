"""Whisper's networks."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sensorium_models.python_models.transcription.decoding import State, Utterance
    from sensorium_models.python_models.transcription.onnx_networks import OnnxNetworks
else:  # the build puts them beside this file
    from .decoding import State, Utterance
    from .onnx_networks import OnnxNetworks

Array = NDArray[Any]

SAMPLE_RATE = 16000
# In less there is no sound; the encoder takes it, but what it hears is made up.
MIN_SAMPLES = 800
# Nobody speaks faster, in any language: characters of Chinese can take three tokens each.
TOKENS_PER_SECOND = 25.0
# Rows that are encoded together: each fills a whole window.
_WINDOWS = 4
# What the logarithm of a probability is that is none.
_NEVER = np.float32(-1e9)


class Networks(OnnxNetworks):
    """The encoder and the decoder.

    Args:
        folder: Where their files lie.
        open_session: Makes an ONNX Runtime session of a file.
        tokens: JSON with the numbers of the tokens that stand for something: `start`; `languages`, in the order in
            which requests count them, none where there is but one; `task`, those behind it; `end`; `not_first`, those
            that no text begins with; and how many `positions` there are.
    """

    def __init__(self, folder: Path, open_session: Callable[[Path], Any], tokens: str) -> None:
        given = json.loads(tokens)
        self._start, self._task = int(given["start"]), [int(token) for token in given["task"]]
        self.languages = [int(token) for token in given["languages"]]
        self._not_first = np.array(given["not_first"], np.int64)
        self._positions = int(given["positions"])
        samples = int(given["samples"])
        super().__init__(folder, open_session, end=int(given["end"]), shortest=MIN_SAMPLES, together=_WINDOWS * samples)

    def prompt(self, utterance: Utterance) -> list[int]:
        """Start, language and task, and what the text is known to begin with."""
        language = self.languages[utterance.language : utterance.language + 1]
        return [self._start, *language, *self._task, *utterance.prefix]

    def limit(self, utterance: Utterance) -> int:
        """The most tokens, prefix and end included, that are sought."""
        room = self._positions - len(self.prompt(utterance)) + len(utterance.prefix)
        return min(room, math.ceil(len(utterance.pcm) / SAMPLE_RATE * TOKENS_PER_SECOND) + 1)

    def step(self, state: State, tokens: Sequence[Sequence[int]]) -> tuple[Array, State]:
        """As in the base; a text does not begin with what is no beginning."""
        first = state.past["text_mask"].shape[1] == 0
        log_probabilities, state = super().step(state, tokens)
        if first:
            bare = 1 + min(1, len(self.languages)) + len(self._task)
            rows = np.array([len(row) == bare for row in tokens])
            log_probabilities = log_probabilities.copy()
            log_probabilities[np.ix_(rows, self._not_first)] = _NEVER
        return log_probabilities, state
