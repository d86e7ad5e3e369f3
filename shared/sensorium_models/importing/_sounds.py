"""Sounds on which an imported network is compared with its graph: made up, so that no recording is needed."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["sounds"]

_RATE = 16_000


def sounds() -> list[NDArray[np.int16]]:
    """Noise that comes and goes, and a voice-like buzz that glides: int16[S], 16 kHz, of different lengths."""
    chance = np.random.default_rng(7)
    noise = chance.standard_normal(round(2.3 * _RATE)) * np.sin(np.linspace(0, 6 * np.pi, round(2.3 * _RATE))) ** 2
    moments = np.arange(round(1.1 * _RATE)) / _RATE
    phase = 2 * np.pi * np.cumsum(120 + 40 * np.sin(2 * np.pi * 1.5 * moments)) / _RATE
    buzz = sum(np.sin(number * phase) / number for number in range(1, 20))
    return [(4000 * np.asarray(values) / np.abs(values).max()).astype(np.int16) for values in (noise, buzz)]
