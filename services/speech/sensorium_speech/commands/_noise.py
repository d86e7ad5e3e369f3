"""Noise that stays the same taken out of speech: the minimum mean-square error log-spectral amplitude estimator.

Y. Ephraim and D. Malah, "Speech enhancement using a minimum mean-square error log-spectral amplitude estimator", IEEE
Transactions on Acoustics, Speech, and Signal Processing 33 (1985). The noise is what is there in the quiet moments of
each band (R. Martin 2001).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from sensorium_speech.domain import Samples

Spectra = npt.NDArray[np.floating[Any]]

_WINDOW, _HOP = 512, 128
# The power that a band stays below for a fifth of the time; noise alone has twice as much on average.
_QUIET, _MEAN_BY_QUIET = 0.2, 2.0
_SMOOTHING = 0.98
_LEAST_PRIOR = 10**-2.5
_LEAST_GAIN = 0.15
_SINE = np.sqrt(np.hanning(_WINDOW + 1)[:_WINDOW])


def suppress(samples: Samples) -> Samples:
    """Speech with less noise.

    Args:
        samples: `int16[N]` at 16 kHz, of an utterance with a little of what is around it.

    Returns:
        `int16[N]`.
    """
    padded = np.pad(samples.astype(np.float64), (_WINDOW, _WINDOW + _HOP))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    spectra = np.fft.rfft(frames * _SINE)
    power = np.abs(spectra) ** 2
    cleaned = np.fft.irfft(spectra * _gains(power, _noise(power)), _WINDOW) * _SINE
    return np.clip(np.round(_overlap(cleaned, len(padded))[_WINDOW:][: len(samples)]), -32768, 32767).astype(np.int16)


def _noise(power: Spectra) -> Spectra:
    inner = power[4:-5]  # those around it see the padding
    quiet: Spectra = np.quantile(inner if len(inner) else power, _QUIET, axis=0)
    noise: Spectra = np.maximum(quiet * _MEAN_BY_QUIET, 1e-3)
    return noise


def _gains(power: Spectra, noise: Spectra) -> Spectra:
    posterior = np.minimum(power / noise, 1e4)
    gains, before = np.empty_like(power), np.ones(power.shape[1])
    for frame, now in enumerate(posterior):
        prior = _SMOOTHING * before + (1 - _SMOOTHING) * np.maximum(now - 1, 0)
        prior = np.maximum(prior, _LEAST_PRIOR)
        wiener = prior / (1 + prior)
        gain = np.minimum(wiener * np.exp(0.5 * exponential_integral(np.maximum(wiener * now, 1e-8))), 1)
        gains[frame], before = gain, gain**2 * now
    return np.maximum(gains, _LEAST_GAIN)


def exponential_integral(x: Spectra) -> Spectra:
    """E1 of positive numbers, to 2e-7 (Abramowitz and Stegun 1964, 5.1.53 and 5.1.56)."""
    small = np.polynomial.polynomial.polyval(x, _SMALL) - np.log(x)
    ratio = np.polynomial.polynomial.polyval(x, _ABOVE) / np.polynomial.polynomial.polyval(x, _BELOW)
    return np.where(x <= 1, small, np.exp(-x) / x * ratio)


_SMALL = (-0.57721566, 0.99999193, -0.24991055, 0.05519968, -0.00976004, 0.00107857)
_ABOVE = (0.2677737343, 8.6347608925, 18.0590169730, 8.5733287401, 1.0)
_BELOW = (3.9584969228, 21.0996530827, 25.6329561486, 9.5733223454, 1.0)


def _overlap(frames: Spectra, length: int) -> Spectra:
    summed, weights = np.zeros(length), np.zeros(length)
    for start, frame in zip(range(0, length, _HOP), frames, strict=False):
        summed[start : start + _WINDOW] += frame
        weights[start : start + _WINDOW] += _SINE**2
    return summed / np.maximum(weights, 1e-6)
