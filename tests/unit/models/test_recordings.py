"""Recordings as the models take them."""

import wave
from pathlib import Path

import numpy as np
import pytest

from sensorium_models.errors import ModelError
from sensorium_models.recordings import cut, padded, recording


def write(path: Path, samples: list[int], *, rate: int = 16000, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.array(samples, "<i2").tobytes())
    return path


def test_a_recording_at_16_khz_is_taken_as_it_is(tmp_path: Path) -> None:
    np.testing.assert_array_equal(recording(write(tmp_path / "a.wav", [1, -2, 30000])), [1, -2, 30000])


def test_another_rate_is_resampled(tmp_path: Path) -> None:
    tone = np.round(10000 * np.sin(2 * np.pi * 440 * np.arange(4800) / 48000)).astype(int)
    samples = recording(write(tmp_path / "a.wav", tone.tolist(), rate=48000))
    assert samples.dtype == np.int16
    expected = 10000 * np.sin(2 * np.pi * 440 * np.arange(1600) / 16000)
    np.testing.assert_allclose(samples[200:1400], expected[200:1400], atol=20)


def test_two_channels_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is not one channel of 16 bits"):
        recording(write(tmp_path / "a.wav", [1, 2], channels=2))


def test_a_cut_is_given_in_seconds() -> None:
    np.testing.assert_array_equal(cut(np.arange(16000, dtype=np.int16), 0.25, 0.2501), [4000, 4001])


def test_shorter_recordings_of_a_batch_end_in_zeros() -> None:
    pcm, lengths = padded([np.array([1, 2, 3], np.int16), np.array([4], np.int16)])
    np.testing.assert_array_equal(pcm, [[1, 2, 3], [4, 0, 0]])
    np.testing.assert_array_equal(lengths, [[3], [1]])
