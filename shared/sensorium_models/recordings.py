"""Real speech for the model check: the recordings that lie in the wheels, as the models take them."""

import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from sensorium_models.errors import ModelError

__all__ = ["SAMPLE_RATE", "cut", "padded", "recording"]

SAMPLE_RATE = 16000

Pcm = NDArray[np.int16]


def recording(path: Path) -> Pcm:
    """A WAV file with one channel of 16 bits, at 16 kHz.

    Raises:
        ModelError: The file has other channels or another width.
    """
    with wave.open(str(path)) as file:
        if (file.getnchannels(), file.getsampwidth()) != (1, 2):
            raise ModelError(f"{path} is not one channel of 16 bits")
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        rate = file.getframerate()
    return samples if rate == SAMPLE_RATE else np.asarray(soxr.resample(samples, rate, SAMPLE_RATE))


def cut(pcm: Pcm, start: float, end: float) -> Pcm:
    """The samples between two times in seconds."""
    return pcm[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]


def padded(recordings: Sequence[Pcm]) -> tuple[Pcm, NDArray[np.int32]]:
    """`pcm` int16[N,S] with zeros behind the end of each recording, and `lengths` int32[N,1]."""
    lengths = np.array([[len(pcm)] for pcm in recordings], np.int32)
    batch = np.zeros((len(recordings), int(lengths.max())), np.int16)
    for row, pcm in zip(batch, recordings, strict=True):
        row[: len(pcm)] = pcm
    return batch, lengths
