"""Synthetic speakers and the noise of a plant: speech that is made when a test runs, and the same each time."""

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
import soxr
from hibari import Hibari

from sensorium_models.recordings import Pcm

RATE = 16_000
Signal = npt.NDArray[np.floating[Any]]

# Programs that speak, where a machine has them: voices of other kinds than the neural one, which every machine has.
_PROGRAMS = {
    "slt": ("flite", "-voice", "slt", "-t", "{text}", "-o", "{file}"),
    "rms": ("flite", "-voice", "rms", "-t", "{text}", "-o", "{file}"),
    "awb": ("flite", "-voice", "awb", "-t", "{text}", "-o", "{file}"),
    "kal": ("flite", "-voice", "kal16", "-t", "{text}", "-o", "{file}"),
    "espeak": ("espeak-ng", "-v", "en-us", "-s", "150", "-w", "{file}", "{text}"),
}
# The neural voice, faster or slower, and higher or lower, as a speaker of another size has it.
_NEURAL = {"heart": (1.0, 1.0), "deep": (1.0, 0.84), "high": (1.1, 1.1)}


def available() -> list[str]:
    """The voices that this machine has."""
    return [*_NEURAL, *(name for name, command in _PROGRAMS.items() if shutil.which(command[0]))]


@cache
def say(text: str, voice: str = "heart") -> Pcm:
    """A text in a voice, `int16[N]` at 16 kHz, with 0.3 s before and behind it."""
    spoken = _neural(text, *_NEURAL[voice]) if voice in _NEURAL else _by_program(text, _PROGRAMS[voice])
    margin = np.zeros(round(0.3 * RATE))
    sound = np.concatenate([margin, spoken * (0.35 / np.abs(spoken).max()), margin])
    sound += np.random.default_rng(len(text)).normal(0, 2e-4, len(sound))
    return np.clip(np.round(sound * 32768), -32768, 32767).astype(np.int16)


def in_noise(speech: Pcm, decibels: float, kind: str, seed: int) -> Pcm:
    """Speech in noise.

    Args:
        speech: `int16[N]`.
        decibels: power of the speech, where there is some, over that of the noise.
        kind: `white`, `pink`, or `hum`: a machine's harmonics over pink noise.
        seed: of the noise.
    """
    sound = speech.astype(np.float64)
    noise = _NOISES[kind](len(sound), np.random.default_rng(seed))
    speaking = sound[np.abs(sound) > 0.02 * np.abs(sound).max()]
    noise *= np.sqrt(np.mean(speaking**2) / np.mean(noise**2) / 10 ** (decibels / 10))
    mixed = sound + noise
    scaled: Signal = mixed * min(1.0, 32_000 / np.abs(mixed).max())
    return np.round(scaled).astype(np.int16)


def _pink(length: int, random: np.random.Generator) -> Signal:
    spectrum = np.fft.rfft(random.standard_normal(length))
    noise: Signal = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), length)
    return noise


def _hum(length: int, random: np.random.Generator) -> Signal:
    time = np.arange(length) / RATE
    harmonics = sum(
        np.sin(2 * np.pi * 98.7 * number * time + random.uniform(0, 6)) / number**0.7 for number in range(1, 30)
    ) * (1 + 0.3 * np.sin(2 * np.pi * 1.3 * time))
    pink = _pink(length, random)
    hum: Signal = harmonics / harmonics.std() + pink / pink.std()
    return hum


_NOISES = {"white": lambda length, random: random.standard_normal(length), "pink": _pink, "hum": _hum}
NOISES = tuple(_NOISES)


def _neural(text: str, speed: float, pitch: float) -> Signal:
    spoken = _speaker()(text, speed=speed / pitch, seed=0)
    return np.asarray(soxr.resample(np.asarray(spoken, np.float64), 24_000 * pitch, RATE))


@cache
def _speaker() -> Any:
    return Hibari()


def _by_program(text: str, command: tuple[str, ...]) -> Signal:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "speech.wav"
        subprocess.run([part.format(text=text, file=file) for part in command], check=True, capture_output=True)
        spoken, rate = soundfile.read(file)
    return np.asarray(soxr.resample(spoken, rate, RATE))
