"""Sound: files of every format, samples of every encoding, and the same in pieces as a stream brings them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np

from fuzz.target import Target, damaged
from sensorium_core.errors import InvalidInputError
from sensorium_speech.audio import AudioLimits, StreamDecoder, decode, read_header
from sensorium_speech.domain import AudioFormat, EncodedAudio, Encoding, RawAudio, Samples
from services.speech.sounds import sound_file, tone

LIMITS = AudioLimits(max_seconds=60.0)
_REFUSALS = {
    "AUDIO_CORRUPT",
    "AUDIO_FORMAT_UNSUPPORTED",
    "AUDIO_TOO_LONG",
    "SAMPLE_RATE_UNSUPPORTED",
    "CHANNEL_COUNT_UNSUPPORTED",
}


def _take(data: bytes) -> None:
    source = EncodedAudio(data)
    for separate in (False, True):
        try:
            header = read_header(source, LIMITS)
            recording = decode(source, header, LIMITS, separate=separate)
        except InvalidInputError as error:
            assert error.reason in _REFUSALS
            return
        assert recording.tracks.dtype == np.int16
        assert recording.tracks.shape[0] == (header.channels if separate else 1)
        assert recording.tracks.nbytes <= header.decoded_bytes
        assert 0 <= recording.seconds <= LIMITS.max_seconds


def _files(*kinds: tuple[str, str]) -> Callable[[], Sequence[bytes]]:
    return lambda: [_file(*kind, rate) for kind in kinds for rate in (16_000, 48_000)]


def _file(file_format: str, subtype: str, rate: int) -> bytes:
    return sound_file(tone(0.05, rate), rate, file_format, subtype)


def _mutate_ogg(data: bytes, chance: random.Random) -> bytes:
    """Changes pages and makes their checksums right, or no decoder would look at them."""
    starts = [at for at in range(len(data) - 3) if data[at : at + 4] == b"OggS"]
    if not starts:
        return damaged(data, chance)
    pages = [data[at:end] for at, end in zip(starts, [*starts[1:], len(data)], strict=True)]
    at = chance.randrange(len(pages))
    match chance.randrange(5):
        case 0:
            pages.insert(at, chance.choice(pages))
        case 1:
            del pages[at]
        case _:
            pages[at] = pages[at][:4] + damaged(pages[at][4:], chance)
    return b"".join(map(_with_checksum, pages))


def _with_checksum(page: bytes) -> bytes:
    if len(page) < 27:
        return page
    blank = page[:22] + bytes(4) + page[26:]
    checksum = 0
    for byte in blank:
        checksum = (checksum << 8 & 0xFFFFFFFF) ^ _CRC[checksum >> 24 ^ byte]
    return page[:22] + checksum.to_bytes(4, "little") + page[26:]


def _crc_table() -> tuple[int, ...]:
    # RFC 3533: polynomial 04c11db7, neither reflected nor inverted.
    table = []
    for byte in range(256):
        rest = byte << 24
        for _ in range(8):
            rest = (rest << 1 ^ (0x04C11DB7 if rest & 0x80000000 else 0)) & 0xFFFFFFFF
        table.append(rest)
    return tuple(table)


_CRC = _crc_table()


def _take_raw(data: bytes) -> None:
    if len(data) < 8:
        return
    encodings = list(Encoding)
    rates = (8_000, 16_000, 11_025, 44_100, 48_000, 7_999, 48_001)
    audio_format = AudioFormat(encodings[data[0] % len(encodings)], rates[data[1] % len(rates)], 1 + data[2] % 9)
    separate, sizes, content = bool(data[3] & 1), data[4:8], data[8:]
    source = RawAudio(audio_format, content)
    try:
        header = read_header(source, LIMITS)
        whole = decode(source, header, LIMITS, separate=separate).tracks
    except InvalidInputError as error:
        assert error.reason in _REFUSALS
        return
    # A stream brings the same bytes in pieces of any size.
    stream = StreamDecoder(audio_format, separate=separate)
    pieces: list[Samples] = []
    at = 0
    while at < len(content):
        size = 1 + 7 * sizes[len(pieces) % len(sizes)]
        pieces.append(stream.feed(content[at : at + size]))
        at += size
    pieces.append(stream.finish())
    assert np.array_equal(np.concatenate(pieces, axis=1), whole)


def _raw_seeds() -> Sequence[bytes]:
    samples = tone(rate=16_000)[:480]
    floats = samples.astype("<f4")
    linear = (floats * 32767).astype("<i2")
    content = {4: floats.tobytes()}
    return [
        bytes([number, rate, channels - 1, number & 1, 1, 20, 200, 3]) + content.get(number, linear.tobytes())
        for number in range(len(Encoding))
        for rate in (0, 1, 3)
        for channels in (1, 2)
    ]


# A minute of eight channels at 16 kHz has 15 MiB, held twice for a moment; of one channel at 48 kHz 6.
wav = Target(
    _take,
    _files(
        ("WAV", "PCM_16"),
        ("WAV", "PCM_U8"),
        ("WAV", "PCM_24"),
        ("WAV", "FLOAT"),
        ("WAV", "DOUBLE"),
        ("WAV", "ULAW"),
        ("WAV", "ALAW"),
        ("WAVEX", "PCM_16"),
        ("RF64", "PCM_16"),
    ),
    seconds=3.0,
)
flac = Target(_take, _files(("FLAC", "PCM_16"), ("FLAC", "PCM_24")), seconds=3.0)
ogg = Target(_take, _files(("OGG", "VORBIS"), ("OGG", "OPUS")), seconds=3.0, mutate=_mutate_ogg)
raw_audio = Target(_take_raw, _raw_seeds, seconds=2.0, longest=16384)
