import io

import numpy as np
import pytest
import soundfile

from sensorium_core.errors import InvalidInputError
from sensorium_speech.audio import AudioLimits, decode, read_header
from sensorium_speech.domain import AudioFormat, Encoding, RawAudio

LIMITS = AudioLimits(max_seconds=2.0)


def read(data: bytes, encoding: Encoding, rate: int = 16_000, channels: int = 1) -> list[list[int]]:
    source = RawAudio(AudioFormat(encoding, rate, channels), data)
    recording = decode(source, read_header(source, LIMITS), LIMITS, separate=True)
    return [[int(sample) for sample in track] for track in recording.tracks]


@pytest.mark.parametrize(
    ("encoding", "data", "expected"),
    [
        (Encoding.LINEAR16, np.array([0, 1, -32768, 32767], "<i2").tobytes(), [0, 1, -32768, 32767]),
        (Encoding.UINT8, bytes([128, 129, 0, 255]), [0, 256, -32768, 32512]),
        (Encoding.LINEAR24, b"\x00\x00\x00\xff\x01\x00\x00\x00\x80\xff\xff\x7f", [0, 1, -32768, 32767]),
        (Encoding.LINEAR32, np.array([0, 65536, -(2**31), 2**31 - 1], "<i4").tobytes(), [0, 1, -32768, 32767]),
        (Encoding.FLOAT32, np.array([0, 0.5, -1, 2, -3], "<f4").tobytes(), [0, 16384, -32767, 32767, -32767]),
        (Encoding.MULAW, bytes([0xFF, 0x7F, 0x80, 0x00]), [0, 0, 32124, -32124]),
        (Encoding.ALAW, bytes([0xD5, 0x55, 0xAA, 0x2A]), [8, -8, 32256, -32256]),
    ],
)
def test_samples(encoding: Encoding, data: bytes, expected: list[int]) -> None:
    assert read(data, encoding) == [expected]


@pytest.mark.parametrize(("encoding", "subtype"), [(Encoding.MULAW, "ULAW"), (Encoding.ALAW, "ALAW")])
def test_every_byte_of_g711_is_what_libsndfile_makes_of_it(encoding: Encoding, subtype: str) -> None:
    data = bytes(range(256))
    expected, _ = soundfile.read(
        io.BytesIO(data), dtype="int16", samplerate=8000, channels=1, format="RAW", subtype=subtype
    )
    assert read(data, encoding) == [expected.tolist()]


def test_channels_follow_each_other() -> None:
    assert read(bytes([128, 129, 130, 131]), Encoding.UINT8, channels=2) == [[0, 512], [256, 768]]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(value: float) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read(np.array([0, value], "<f4").tobytes(), Encoding.FLOAT32)
    assert caught.value.reason == "AUDIO_CORRUPT"


@pytest.mark.parametrize(
    ("data", "encoding", "channels"),
    [(b"\0\0\0", Encoding.LINEAR16, 1), (b"\0" * 4, Encoding.LINEAR24, 1), (b"\0" * 6, Encoding.LINEAR16, 2)],
)
def test_a_sample_that_was_cut_is_refused(data: bytes, encoding: Encoding, channels: int) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read(data, encoding, channels=channels)
    assert caught.value.reason == "AUDIO_CORRUPT"
    assert caught.value.violations[0].field == "audio.raw.content"


def test_too_long_is_refused_before_decoding() -> None:
    source = RawAudio(AudioFormat(Encoding.UINT8, 8_000), b"\x80" * 16_001)
    with pytest.raises(InvalidInputError) as caught:
        read_header(source, LIMITS)
    assert caught.value.reason == "AUDIO_TOO_LONG"
    assert caught.value.metadata == {"max_seconds": "2"}
