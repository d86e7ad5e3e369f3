"""Sound that comes piece by piece."""

from __future__ import annotations

import asyncio
import io
import struct
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from sensorium_client import AudioEncoding, AudioFormat, InvalidInputError
from sensorium_client.cli.speech._sounds import of_file, of_pipe, of_raw_file, paced

RAW = AudioFormat(16_000)


def trickling(data: bytes, sizes: Iterator[int] | None = None) -> Callable[[int], bytes]:
    """A pipe that gives a few bytes at a time."""
    file = io.BytesIO(data)
    return lambda wanted: file.read(wanted if sizes is None else min(wanted, next(sizes)))


def chunk(name: bytes, content: bytes, size: int | None = None) -> bytes:
    return name + struct.pack("<I", len(content) if size is None else size) + content + b"\0" * (len(content) % 2)


def wav(*chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 0xFFFFFFFF) + b"WAVE" + b"".join(chunks)


def form(tag: int, bits: int, rate: int = 8000, channels: int = 1, more: bytes = b"") -> bytes:
    frame = channels * bits // 8
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, rate * frame, frame, bits) + more)


def through(data: bytes, sizes: Iterator[int] | None = None) -> tuple[AudioFormat, bytes]:
    sound = of_pipe(trickling(data, sizes), RAW)
    return sound.format, b"".join(sound.pieces)


def test_a_wav_file_through_a_pipe() -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(2)
        written.setsampwidth(3)
        written.setframerate(48_000)
        written.writeframes(b"abcdef" * 1000)
    assert through(file.getvalue()) == (AudioFormat(48_000, AudioEncoding.LINEAR24, 2), b"abcdef" * 1000)


@pytest.mark.parametrize(
    ("tag", "bits", "encoding"),
    [
        (1, 8, AudioEncoding.UINT8),
        (1, 16, AudioEncoding.LINEAR16),
        (1, 32, AudioEncoding.LINEAR32),
        (3, 32, AudioEncoding.FLOAT32),
        (6, 8, AudioEncoding.ALAW),
        (7, 8, AudioEncoding.MULAW),
    ],
)
def test_encodings(tag: int, bits: int, encoding: AudioEncoding) -> None:
    assert through(wav(form(tag, bits), chunk(b"data", b"abcd"))) == (AudioFormat(8000, encoding), b"abcd")
    subformat = struct.pack("<HHI", 22, bits, 0) + struct.pack("<H", tag) + bytes(14)
    extensible = wav(form(0xFFFE, bits, more=subformat), chunk(b"data", b"abcd"))
    assert through(extensible) == (AudioFormat(8000, encoding), b"abcd")


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
def test_a_recording_that_goes_on_has_no_size(size: int) -> None:
    assert through(wav(form(1, 16), chunk(b"data", b"ab" * 9000, size)))[1] == b"ab" * 9000


def test_what_stands_behind_the_samples_is_left_out() -> None:
    assert through(wav(form(1, 8), chunk(b"data", b"abc"), chunk(b"LIST", b"tags")))[1] == b"abc"


def test_other_parts_of_the_header_are_left_out() -> None:
    assert (
        through(wav(chunk(b"LIST", b"odd"), form(1, 8), chunk(b"fact", b"four"), chunk(b"data", b"abc")))[1] == b"abc"
    )


def test_samples_without_a_header() -> None:
    assert through(b"ab" * 5000) == (RAW, b"ab" * 5000)
    assert through(b"ab") == (RAW, b"ab")
    assert through(b"") == (RAW, b"")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"fLaC" + bytes(20), "FLAC and OGG"),
        (b"OggS" + bytes(20), "FLAC and OGG"),
        (wav(), "damaged"),
        (wav(form(1, 16)), "damaged"),
        (wav(chunk(b"data", b"abcd")), "damaged"),
        (wav(chunk(b"fmt ", b"short"), chunk(b"data", b"abcd")), "damaged"),
        (wav(chunk(b"junk", b"", 0xFFFFFFF0)), "damaged"),
        (wav(*[chunk(b"junk", bytes(1 << 19))] * 4), "damaged"),
        (wav(form(3, 64), chunk(b"data", b"abcd")), "format 3 with 64 bits"),
        (wav(form(0xFFFE, 16), chunk(b"data", b"abcd")), "format 65534"),
    ],
)
def test_what_cannot_be_streamed(data: bytes, told: str) -> None:
    with pytest.raises(InvalidInputError, match=told) as caught:
        through(data)
    assert caught.value.reason == "AUDIO_FORMAT_UNSUPPORTED"


@given(st.binary(max_size=9000), st.iterables(st.integers(1, 5000), min_size=1))
def test_no_byte_is_lost_however_they_come(content: bytes, sizes: Any) -> None:
    def endless() -> Iterator[int]:
        yield from sizes
        while True:
            yield 777

    assert through(wav(form(1, 8), b"data" + bytes(4) + content), endless())[1] == content
    assert through(b"raw " + content, endless())[1] == b"raw " + content


@given(st.binary(max_size=300))
def test_any_header_is_understood_or_refused(content: bytes) -> None:
    try:
        through(wav(content))
    except InvalidInputError as error:
        assert error.reason == "AUDIO_FORMAT_UNSUPPORTED"  # noqa: PT017  # both ways are right


@pytest.mark.parametrize(("suffix", "subtype"), [("wav", "PCM_U8"), ("flac", "PCM_16"), ("ogg", "VORBIS")])
def test_sound_files(tmp_path: Path, suffix: str, subtype: str) -> None:
    file = tmp_path / f"a.{suffix}"
    moments = np.arange(22_050) / 22_050
    tone = 0.5 * np.sin(2 * np.pi * 440 * moments)
    soundfile.write(file, np.stack([tone, -tone], axis=1), 22_050, subtype=subtype)
    sound = of_file(file)
    assert sound.format == AudioFormat(22_050, AudioEncoding.LINEAR16, 2)
    pieces = list(sound.pieces)
    assert {len(piece) for piece in pieces} == {2205 * 4}
    heard = np.frombuffer(b"".join(pieces), "<i2").reshape(-1, 2) / 32768
    assert np.abs(heard[:, 0] - tone).max() < 0.1
    assert np.abs(heard[:, 1] + tone).max() < 0.1


def test_files_that_cannot_be_heard(tmp_path: Path) -> None:
    text = tmp_path / "a.wav"
    text.write_text("no sound at all")
    for file, told in ((text, "no sound file"), (tmp_path / "none", "No such file"), (tmp_path, "Is not a file")):
        with pytest.raises(InvalidInputError, match=told):
            of_file(file)
    with pytest.raises(InvalidInputError, match="No such file"):
        of_raw_file(tmp_path / "none", RAW)


def test_bare_samples_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "a.raw"
    file.write_bytes(b"ab" * 5000)
    sound = of_raw_file(file, RAW)
    assert sound.format == RAW
    assert [len(piece) for piece in sound.pieces] == [3200, 3200, 3200, 400]


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def read(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds


def test_a_file_is_played_as_fast_as_it_was_said() -> None:
    clock = Clock()
    times: list[float] = []

    async def pieces() -> AsyncIterator[bytes]:
        for size in (3200, 3200, 1600):
            yield bytes(size)

    async def play() -> None:
        async for _ in paced(pieces(), RAW, clock.read, clock.sleep):
            times.append(round(clock.now - 100, 6))
            clock.now += 0.13 if len(times) == 1 else 0  # the service takes its time

    asyncio.run(play())
    assert times == [0.1, 0.23, 0.25]
    assert clock.slept == [0.1, 0.02]
