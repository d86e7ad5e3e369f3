"""Real speech with its words: recordings that lie in packages, as the models take them."""

import math
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from sensorium_models.errors import ModelError
from sensorium_models.wheels import SourceDistribution, Sources

__all__ = [
    "POCKETSPHINX",
    "READ_ALOUD",
    "SAMPLE_RATE",
    "ReadAloud",
    "cut",
    "padded",
    "read_aloud",
    "recording",
    "write_wav",
]

SAMPLE_RATE = 16000

Pcm = NDArray[np.int16]

# The wheels of the same version do not have the tests, and so not their recordings.
POCKETSPHINX = SourceDistribution(
    project="pocketsphinx",
    version="5.1.1",
    filename="pocketsphinx-5.1.1.tar.gz",
    sha256="675778b309a22dfc9b7d37f7621976bba491d2a5f8c59696bd77fd6d07271355",
)


@dataclass(frozen=True, slots=True)
class ReadAloud:
    """A recording in a package, what is said in it, and where it pauses: times of pieces that a model takes at once."""

    project: str
    path: str
    said: str
    pieces: tuple[tuple[float, float], ...] = ((0.0, math.inf),)


READ_ALOUD = {
    "beckett": ReadAloud(
        "moonshine-voice",
        "moonshine_voice/assets/beckett.wav",
        "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better.",
    ),
    "two_cities": ReadAloud(
        "moonshine-voice",
        "moonshine_voice/assets/two_cities.wav",
        "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness, "
        "it was the epoch of belief, it was the epoch of incredulity, it was the season of Light, it was the season of "
        "Darkness, it was the spring of hope, it was the winter of despair, we had everything before us, we had "
        "nothing before us, we were all going direct to Heaven, we were all going direct the other way - in short, the "
        "period was so far like the present period, that some of its noisiest authorities insisted on its being "
        "received, for good or for evil, in the superlative degree of comparison only.",
        pieces=((0.0, 20.6), (20.6, math.inf)),
    ),
    "goforward": ReadAloud(POCKETSPHINX.project, "test/data/goforward.raw", "Go forward ten meters."),
}
"""The recordings that speech recognition is measured on, by name: 135 words."""


def read_aloud(sources: Sources, name: str) -> Pcm:
    """A recording of READ_ALOUD.

    Raises:
        ModelError: Its package is not among the sources, or has no such file.
    """
    one = READ_ALOUD[name]
    return recording(sources.file(one.project, one.path))


def recording(path: Path) -> Pcm:
    """A file with one channel of 16 bits, at 16 kHz: WAV, or `.raw`, which is no more than such samples.

    Raises:
        ModelError: The file has other channels or another width.
    """
    if path.suffix == ".raw":
        return np.frombuffer(path.read_bytes(), "<i2")
    with wave.open(str(path)) as file:
        if (file.getnchannels(), file.getsampwidth()) != (1, 2):
            raise ModelError(f"{path} is not one channel of 16 bits")
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        rate = file.getframerate()
    return samples if rate == SAMPLE_RATE else np.asarray(soxr.resample(samples, rate, SAMPLE_RATE))


def write_wav(path: Path, pcm: Pcm) -> None:
    """Write a recording as a file that says what it is."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, len(pcm), "NONE", "not compressed"))
        file.writeframes(pcm.astype("<i2").tobytes())


def cut(pcm: Pcm, start: float, end: float) -> Pcm:
    """The samples between two times in seconds; infinity is the end."""
    return pcm[round(start * SAMPLE_RATE) : round(min(end, len(pcm) / SAMPLE_RATE) * SAMPLE_RATE)]


def padded(recordings: Sequence[Pcm]) -> tuple[Pcm, NDArray[np.int32]]:
    """`pcm` int16[N,S] with zeros behind the end of each recording, and `lengths` int32[N,1]."""
    lengths = np.array([[len(pcm)] for pcm in recordings], np.int32)
    batch = np.zeros((len(recordings), int(lengths.max())), np.int16)
    for row, pcm in zip(batch, recordings, strict=True):
        row[: len(pcm)] = pcm
    return batch, lengths
