"""Words spelled in tones: each letter is a phoneme, and sounds as a tone of its own."""

import json
from collections.abc import Mapping
from string import ascii_lowercase
from typing import Any

import numpy as np
import numpy.typing as npt

from sensorium_core.triton import ModelDescription
from sensorium_speech.domain import Samples

LABELS = (*ascii_lowercase, "<wb>", "<blank>")
_RATE, _HOP = 16_000, 320
_TONE, _GAP = 1_280, 640
_LOWEST, _STEP = 400, 100  # Hz


def spelled(text: str, *, loudness: int = 9_000) -> Samples:
    """The letters of a text as tones of 80 ms with 40 ms of silence between them, `int16[N]`."""
    parts = []
    for letter in text.replace(" ", ""):
        frequency = _LOWEST + _STEP * ascii_lowercase.index(letter)
        tone = loudness * np.sin(2 * np.pi * frequency * np.arange(_TONE) / _RATE)
        parts += [tone.astype(np.int16), np.zeros(_GAP, np.int16)]
    return np.concatenate(parts)


class Tones:
    """Stands for the phoneme model: hears tones as letters."""

    name = "hama_phoneme_ctc"
    description = ModelDescription(labels=LABELS)

    async def infer(self, inputs: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        sound = np.pad(inputs["pcm"][0].astype(np.float64), (_HOP // 2, _HOP // 2))
        frames = np.lib.stride_tricks.sliding_window_view(sound, _HOP)[::_HOP]
        heard = np.abs(np.fft.rfft(frames * np.hanning(_HOP))).argmax(axis=1) * _RATE / _HOP
        letters = np.clip(np.round((heard - _LOWEST) / _STEP), 0, 25).astype(int)
        letters[np.abs(frames).max(axis=1) < 200] = LABELS.index("<blank>")
        likelihoods = np.full((1, len(frames), len(LABELS)), -12.0, np.float32)
        likelihoods[0, np.arange(len(frames)), letters] = -0.01
        count = inputs["lengths"][0, 0] // _HOP + 1
        return {"log_probabilities": likelihoods, "frames": np.array([[count]], np.int32)}


class Speller:
    """Stands for the pronouncing model: a word sounds as it is spelled."""

    name = "hama_g2p"
    description = ModelDescription(labels=LABELS, parameters={"characters": json.dumps(list(ascii_lowercase))})

    async def infer(self, inputs: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        return {"phonemes": inputs["characters"]}
