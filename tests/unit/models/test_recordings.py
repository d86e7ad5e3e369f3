"""Recordings as the models take them."""

import math
import wave
from pathlib import Path

import numpy as np
import pytest

from sensorium_models.errors import ModelError
from sensorium_models.recordings import READ_ALOUD, cut, padded, read_aloud, recording, write_wav
from sensorium_models.wheels import Sources


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


def test_samples_without_a_header_are_taken_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.raw").write_bytes(np.array([1, -2, 30000], "<i2").tobytes())
    np.testing.assert_array_equal(recording(tmp_path / "a.raw"), [1, -2, 30000])


def test_a_recording_is_written_as_a_file_that_says_what_it_is(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", np.array([1, -2, 30000], np.int16))
    np.testing.assert_array_equal(recording(tmp_path / "a.wav"), [1, -2, 30000])


@pytest.mark.parametrize("name", READ_ALOUD)
def test_a_recording_is_found_in_its_package(tmp_path: Path, name: str) -> None:
    file = tmp_path / READ_ALOUD[name].path
    file.parent.mkdir(parents=True)
    write(file, [7]) if file.suffix == ".wav" else file.write_bytes(b"\7\0")
    np.testing.assert_array_equal(read_aloud(Sources({READ_ALOUD[name].project: tmp_path}), name), [7])


def test_a_cut_is_given_in_seconds() -> None:
    np.testing.assert_array_equal(cut(np.arange(16000, dtype=np.int16), 0.25, 0.2501), [4000, 4001])
    np.testing.assert_array_equal(cut(np.arange(16000, dtype=np.int16), 0.9999, math.inf), [15998, 15999])


def test_shorter_recordings_of_a_batch_end_in_zeros() -> None:
    pcm, lengths = padded([np.array([1, 2, 3], np.int16), np.array([4], np.int16)])
    np.testing.assert_array_equal(pcm, [[1, 2, 3], [4, 0, 0]])
    np.testing.assert_array_equal(lengths, [[3], [1]])
