"""Sounds for tests, and files made of them."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

Floats = npt.NDArray[np.float32]


def tone(seconds: float = 1.0, rate: int = 16_000, hertz: float = 440.0, level: float = 0.3) -> Floats:
    """A sine, `float32[N]`."""
    moments = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * hertz * moments)).astype(np.float32)


def sound_file(
    values: npt.NDArray[Any], rate: int = 16_000, file_format: str = "WAV", subtype: str = "PCM_16"
) -> bytes:
    """A file; `values` are `[N]` or `[N,C]`."""
    file = io.BytesIO()
    soundfile.write(file, values, rate, format=file_format, subtype=subtype)
    return file.getvalue()


def loudest_hertz(samples: npt.NDArray[Any], rate: int = 16_000) -> float:
    """The frequency that is strongest."""
    spectrum = np.abs(np.fft.rfft(samples.astype(np.float64) * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))
