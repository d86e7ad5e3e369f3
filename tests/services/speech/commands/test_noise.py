import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_speech.commands._noise import exponential_integral, suppress
from sensorium_speech.domain import Samples

RATE = 16_000


def power(samples: Samples) -> float:
    return float(np.mean(samples.astype(float) ** 2))


def bursts(length: int = 2 * RATE) -> tuple[Samples, np.ndarray]:
    """Tones of a quarter of a second with as long pauses, and where they are."""
    time = np.arange(length) / RATE
    on = (time * 2 % 1) < 0.5
    return (8000 * np.sin(2 * np.pi * 700 * time) * on).astype(np.int16), on


@pytest.mark.parametrize(
    ("x", "value"), [(0.01, 4.0379296), (0.1, 1.8229240), (0.5, 0.5597736), (1.0, 0.2193839), (5.0, 0.0011483)]
)
def test_the_exponential_integral_has_the_values_of_the_tables(x: float, value: float) -> None:
    assert exponential_integral(np.array([x]))[0] == pytest.approx(value, rel=1e-4)


def test_steady_noise_is_lowered_and_what_comes_and_goes_stays() -> None:
    tones, on = bursts()
    noise = np.random.default_rng(0).normal(0, 800, len(tones))
    cleaned = suppress((tones + noise).astype(np.int16))
    pauses = ~on & (np.arange(len(on)) > RATE // 10)
    assert power(cleaned[pauses]) < power(noise[pauses].astype(np.int16)) / 8
    assert power(cleaned[on]) == pytest.approx(power(tones[on]), rel=0.25)


def test_clean_speech_stays_as_it_is() -> None:
    tones, on = bursts()
    cleaned = suppress(tones)
    inside = np.convolve(on, np.ones(801), "same") == 801  # the middle of each tone
    assert np.abs(cleaned[inside].astype(int) - tones[inside]).max() < 400


@given(st.integers(0, 3000), st.sampled_from([0, 1, 32_767, -32_768]))
def test_sound_of_any_length_and_level_keeps_its_length(length: int, level: int) -> None:
    cleaned = suppress(np.full(length, level, np.int16))
    assert cleaned.dtype == np.int16
    assert len(cleaned) == length
