"""Moonshine's networks."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sensorium_models.python_models.transcription.decoding import Utterance
    from sensorium_models.python_models.transcription.onnx_networks import OnnxNetworks
else:  # the build puts them beside this file
    from .decoding import Utterance
    from .onnx_networks import OnnxNetworks

START, END = 1, 2
SAMPLE_RATE = 16000
# The convolutions make no frame of less.
MIN_SAMPLES = 895
MAX_SAMPLES = 60 * SAMPLE_RATE
# Moonshine's authors: nobody speaks faster, and a text that grows beyond it is no transcript.
TOKENS_PER_SECOND = 6.5
# Samples that are encoded together: the encoder's memory grows with the square of a row's length.
_ENCODED_TOGETHER = 40 * SAMPLE_RATE


class Networks(OnnxNetworks):
    """The encoder and the decoder."""

    def __init__(self, folder: Path, open_session: Callable[[Path], Any]) -> None:
        super().__init__(folder, open_session, end=END, shortest=MIN_SAMPLES, together=_ENCODED_TOGETHER)

    def prompt(self, utterance: Utterance) -> list[int]:
        """The start, and what the text is known to begin with."""
        return [START, *utterance.prefix]

    def limit(self, utterance: Utterance) -> int:
        """The most tokens, the end included, that are sought in a recording of such a length."""
        return math.ceil(len(utterance.pcm) / SAMPLE_RATE * TOKENS_PER_SECOND) + 1
