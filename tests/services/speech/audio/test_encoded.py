import re
import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_core.errors import InvalidInputError
from sensorium_speech.audio import AudioLimits, decode, read_header
from sensorium_speech.domain import EncodedAudio, Recording
from services.speech.sounds import loudest_hertz, sound_file, tone

LIMITS = AudioLimits(max_seconds=10.0)
FORMATS = [
    ("WAV", "PCM_16"),
    ("WAV", "PCM_U8"),
    ("WAV", "PCM_24"),
    ("WAV", "PCM_32"),
    ("WAV", "FLOAT"),
    ("WAV", "DOUBLE"),
    ("WAV", "ULAW"),
    ("WAV", "ALAW"),
    ("WAVEX", "PCM_16"),
    ("RF64", "PCM_16"),
    ("FLAC", "PCM_16"),
    ("FLAC", "PCM_24"),
    ("OGG", "VORBIS"),
    ("OGG", "OPUS"),
]


def read(data: bytes, *, separate: bool = False) -> Recording:
    source = EncodedAudio(data)
    return decode(source, read_header(source, LIMITS), LIMITS, separate=separate)


def reason_of(data: bytes) -> str:
    with pytest.raises(InvalidInputError) as caught:
        read(data)
    assert caught.value.violations[0].field == "audio.encoded"
    return caught.value.reason


@pytest.mark.parametrize(("file_format", "subtype"), FORMATS)
def test_every_format_sounds_the_same(file_format: str, subtype: str) -> None:
    recording = read(sound_file(tone(), 16_000, file_format, subtype))
    assert recording.tracks.shape == (1, 16_000)
    assert recording.tracks.dtype == np.int16
    assert recording.seconds == 1.0
    assert loudest_hertz(recording.tracks[0]) == 440
    assert np.abs(recording.tracks[0, 2000:-2000]).max() == pytest.approx(0.3 * 32767, rel=0.06)


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000])
def test_other_rates_are_resampled(rate: int) -> None:
    recording = read(sound_file(tone(rate=rate), rate))
    assert recording.tracks.shape[1] == pytest.approx(16_000, abs=1)
    assert recording.seconds == 1.0
    assert loudest_hertz(recording.tracks[0]) == pytest.approx(440, abs=1)


def test_a_file_longer_than_one_block_has_no_seam() -> None:
    limits = AudioLimits(max_seconds=60)
    source = EncodedAudio(sound_file(tone(25, 48_000), 48_000, "FLAC"))
    track = decode(source, read_header(source, limits), limits, separate=False).tracks[0].astype(float)
    expected = tone(25) * 32767
    assert len(track) == len(expected)
    assert np.abs(track - expected)[100:-100].max() < 20


def test_channels_are_mixed() -> None:
    both = np.stack([tone(), -tone()], axis=1)
    recording = read(sound_file(both))
    assert np.abs(recording.tracks).max() <= 1
    assert [recording.tag(track) for track in range(len(recording.tracks))] == [0]


def test_channels_are_kept_apart() -> None:
    both = np.stack([tone(hertz=440), tone(hertz=1000)], axis=1)
    recording = read(sound_file(both), separate=True)
    assert [loudest_hertz(track) for track in recording.tracks] == [440, 1000]
    assert [recording.tag(track) for track in range(len(recording.tracks))] == [1, 2]


def test_a_single_channel_has_no_tag_even_if_kept_apart() -> None:
    assert read(sound_file(tone()), separate=True).tag(0) == 0


@pytest.mark.parametrize(("file_format", "subtype"), FORMATS)
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.999])
def test_a_file_that_was_cut_short_is_refused(file_format: str, subtype: str, kept: float) -> None:
    data = sound_file(tone(3), 16_000, file_format, subtype)
    assert reason_of(data[: int(len(data) * kept)]) == "AUDIO_CORRUPT"


def with_sizes(data: bytes, file: int, sound: int) -> bytes:
    return data[:4] + struct.pack("<I", file) + data[8:40] + struct.pack("<I", sound) + data[44:]


@pytest.mark.parametrize(
    ("file", "sound"),
    [(0xFFFFFFFF, 0xFFFFFFFF), (0x80000024, 0x80000000), (0x7FFFF024, 0x7FFFF000), (0x7FFFFFFF, 0x7FFFFFDB)],
    ids=["ffmpeg", "arecord", "sox", "half"],
)
def test_a_wav_from_a_pipe_has_no_size_and_is_read_to_its_end(file: int, sound: int) -> None:
    assert read(with_sizes(sound_file(tone()), file, sound)).tracks.shape == (1, 16_000)


def test_a_wav_whose_recorder_was_stopped_is_refused() -> None:
    assert reason_of(with_sizes(sound_file(tone()), 36, 0)) == "AUDIO_CORRUPT"


def test_a_wav_without_sound_may_have_other_chunks() -> None:
    data = sound_file(tone(0)) + b"LIST\4\0\0\0INFO"
    assert read(data).tracks.shape == (1, 0)


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
@pytest.mark.parametrize("harm", ["bytes", "a page", "a byte of a header"])
def test_an_ogg_that_lost_something_in_its_middle_is_refused(subtype: str, harm: str) -> None:
    data = sound_file(np.random.default_rng(0).normal(0, 0.1, 80_000), 16_000, "OGG", subtype)
    pages = [found.start() for found in re.finditer(b"OggS", data)]
    third, fourth = pages[2:4]
    harmed = {
        "bytes": data[: third + 100] + b"\xff" * 100 + data[third + 200 :],
        "a page": data[:third] + data[fourth:],
        "a byte of a header": data[:third] + b"X" + data[third + 1 :],
    }[harm]
    assert reason_of(harmed) == "AUDIO_CORRUPT"


def test_an_ogg_may_consist_of_several_and_end_in_anything() -> None:
    data = sound_file(tone(), 16_000, "OGG", "VORBIS")
    assert read(data + data).tracks.shape[1] >= 16_000
    assert read(data + b"no page").tracks.shape == (1, 16_000)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (sound_file(tone())[:1000], "the sound file is cut short"),
        (sound_file(tone(), 16_000, "FLAC")[:-1000], "the sound file is damaged or cut short"),
        (sound_file(np.full(100, np.nan), subtype="FLOAT"), "a sample of the sound file is not a finite number"),
    ],
    ids=["cut", "FLAC", "NaN"],
)
def test_the_error_says_what_is_wrong(data: bytes, text: str) -> None:
    with pytest.raises(InvalidInputError, match=text):
        read(data)


@pytest.mark.parametrize(
    "data",
    [
        b"x",
        b"this is text, not sound " * 100,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        b"RIFF\x00\x00\x00\x00AVI " + b"\0" * 100,
        sound_file(tone(), file_format="MP3", subtype="MPEG_LAYER_III"),
        sound_file(tone(), file_format="AIFF"),
        sound_file(tone(), subtype="IMA_ADPCM"),
    ],
    ids=["a letter", "text", "a picture", "a film", "MP3", "AIFF", "ADPCM"],
)
def test_other_files_are_refused(data: bytes) -> None:
    assert reason_of(data) == "AUDIO_FORMAT_UNSUPPORTED"


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused(value: float) -> None:
    sound = tone()
    sound[777] = value
    assert reason_of(sound_file(sound, subtype="FLOAT")) == "AUDIO_CORRUPT"


def with_rate(rate: int) -> bytes:
    data = sound_file(tone(0.1))
    return data[:24] + struct.pack("<II", rate, 2 * rate) + data[32:]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (sound_file(tone(10.01)), "AUDIO_TOO_LONG"),
        (sound_file(tone(10.01, 48_000), 48_000, "FLAC"), "AUDIO_TOO_LONG"),
        (sound_file(tone(0.1), 7_999), "SAMPLE_RATE_UNSUPPORTED"),
        (sound_file(tone(0.1), 96_000), "SAMPLE_RATE_UNSUPPORTED"),
        (with_rate(1), "SAMPLE_RATE_UNSUPPORTED"),
        (with_rate(0), "AUDIO_CORRUPT"),
        (sound_file(np.zeros((100, 9), np.float32)), "CHANNEL_COUNT_UNSUPPORTED"),
    ],
    ids=["long", "long FLAC", "low rate", "high rate", "rate 1", "rate 0", "channels"],
)
def test_what_passes_a_limit_is_refused_from_the_header(data: bytes, reason: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_header(EncodedAudio(data), LIMITS)
    assert caught.value.reason == reason
    assert "rate of 0" in caught.value.message or reason != "AUDIO_CORRUPT"


def test_a_flac_that_does_not_tell_its_length_is_held_to_the_limit() -> None:
    data = bytearray(sound_file(tone(11), file_format="FLAC"))
    data[21] &= 0xF0  # STREAMINFO: 36 bits of total samples, where 0 says that they are not known
    data[22:26] = b"\0\0\0\0"
    assert reason_of(bytes(data)) == "AUDIO_TOO_LONG"


def test_a_recording_without_a_sample_is_empty() -> None:
    recording = read(sound_file(tone(0)))
    assert recording.tracks.shape == (1, 0)
    assert recording.seconds == 0


def test_the_memory_that_a_recording_takes_is_known_from_its_header() -> None:
    source = EncodedAudio(sound_file(np.zeros((5 * 48_000, 2), np.float32), 48_000))
    header = read_header(source, LIMITS)
    assert header.decoded_bytes >= 2 * decode(source, header, LIMITS, separate=True).tracks.nbytes
    assert header.decoded_bytes < 1_000_000


@given(st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    file_format, subtype = data.draw(st.sampled_from(FORMATS))
    file = bytearray(sound_file(tone(0.05), 16_000, file_format, subtype))
    for _ in range(data.draw(st.integers(1, 8))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    with suppress(InvalidInputError):
        assert read(bytes(file)).tracks.dtype == np.int16
