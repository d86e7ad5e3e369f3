"""Sound that comes piece by piece: of a file, or through a pipe as WAV or as bare samples."""

from __future__ import annotations

import struct
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import soundfile

from sensorium_client import AudioEncoding, AudioFormat, InvalidInputError
from sensorium_client._errors import ErrorDetails

PIECE_SECONDS = 0.1
_HEADER_BYTES = 1 << 20
"""A WAV header that is longer is none."""
_EXTENSIBLE = 0xFFFE
# format tag and bits of a WAV file to the encoding of its samples
_ENCODINGS = {
    (1, 8): AudioEncoding.UINT8,
    (1, 16): AudioEncoding.LINEAR16,
    (1, 24): AudioEncoding.LINEAR24,
    (1, 32): AudioEncoding.LINEAR32,
    (3, 32): AudioEncoding.FLOAT32,
    (6, 8): AudioEncoding.ALAW,
    (7, 8): AudioEncoding.MULAW,
}


@dataclass(frozen=True)
class Sound:
    """Sound that comes piece by piece."""

    format: AudioFormat
    pieces: Iterator[bytes]
    """Of a tenth of a second at most."""


Read = Callable[[int], bytes | None]
"""Gives up to so many bytes, none at the end."""


def of_file(path: Path) -> Sound:
    """The sound of a file, as samples of 16 bits; read as it is wanted.

    Raises:
        InvalidInputError: it cannot be read, or is no sound file.
    """
    try:
        told = soundfile.info(path)
    except (OSError, soundfile.LibsndfileError, TypeError) as failure:  # TypeError: it is called .raw
        if not path.is_file():
            raise _unreadable(path, "No such file" if not path.exists() else "Is not a file") from failure
        raise _unreadable(
            path, "it is no sound file of a kind that is known here; --raw takes bare samples"
        ) from failure
    return Sound(AudioFormat(told.samplerate, AudioEncoding.LINEAR16, told.channels), _blocks(path))


def of_raw_file(path: Path, audio_format: AudioFormat) -> Sound:
    """The bare samples of a file.

    Raises:
        InvalidInputError: it cannot be read.
    """
    try:
        path.open("rb").close()
    except OSError as failure:
        raise _unreadable(path, failure.strerror or "it cannot be opened") from failure
    return Sound(audio_format, _raw_blocks(path, audio_format))


def of_pipe(read: Read, raw: AudioFormat) -> Sound:
    """The sound that comes through a pipe: WAV, told by its first bytes, or bare samples.

    Args:
        read: gives bytes as soon as there are any.
        raw: what bare samples are.

    Raises:
        InvalidInputError: WAV of a kind that cannot be streamed, or a file that has to be there as a whole.
    """
    start = _at_least(read, b"", 12)
    if start[:4] in (b"fLaC", b"OggS"):
        raise _unsupported("FLAC and OGG cannot be heard piece by piece: give the file, or pipe WAV or bare samples")
    if start[:4] != b"RIFF" or start[8:12] != b"WAVE":
        return Sound(raw, _pieces(read, raw, start, None))
    audio_format, size, rest = _wav_header(read, start)
    return Sound(audio_format, _pieces(read, audio_format, rest, size))


def standard_input() -> Read:
    """Reads from standard input, as soon as there is something."""
    # Without the buffer: a thread that waits in it holds a lock, without which Python cannot end.
    return getattr(sys.stdin.buffer, "raw", sys.stdin.buffer).read


async def paced(
    pieces: AsyncIterator[bytes],
    audio_format: AudioFormat,
    now: Callable[[], float],
    sleep: Callable[[float], Awaitable[Any]],
) -> AsyncIterator[bytes]:
    """The pieces, each at the moment when a microphone would have heard it to its end.

    Args:
        pieces: of any size.
        audio_format: what their bytes mean.
        now: seconds of a clock that never goes back.
        sleep: waits for some seconds.
    """
    start, seconds = now(), 0.0
    async for piece in pieces:
        seconds += len(piece) / audio_format.frame_bytes / audio_format.sample_rate_hertz
        if (early := start + seconds - now()) > 0:
            await sleep(early)
        yield piece


def _raw_blocks(path: Path, audio_format: AudioFormat) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from _pieces(file.read, audio_format, b"", None)


def _blocks(path: Path) -> Iterator[bytes]:
    with soundfile.SoundFile(path) as file:
        while len(block := file.read(max(1, round(file.samplerate * PIECE_SECONDS)), dtype="int16", always_2d=True)):
            yield block.astype("<i2", copy=False).tobytes()


def _pieces(read: Read, audio_format: AudioFormat, start: bytes, size: int | None) -> Iterator[bytes]:
    """What was read already and what is still to come, `size` bytes together or all there are."""
    most = max(1, round(audio_format.sample_rate_hertz * PIECE_SECONDS)) * max(1, audio_format.frame_bytes)
    left = sys.maxsize if size is None else size
    for begin in range(0, min(len(start), left), most):
        yield start[begin : min(begin + most, left)]
    left -= len(start)
    while left > 0 and (piece := read(min(most, left))):
        left -= len(piece)
        yield piece


def _wav_header(read: Read, start: bytes) -> tuple[AudioFormat, int | None, bytes]:
    """Format, size (None where it is not known, as of a recording that still goes on), and the samples read so far.

    The layout is that of RIFF (Multimedia Programming Interface and Data Specifications 1.0, IBM and Microsoft, 1991).
    """
    audio_format, place = None, 12
    while place < _HEADER_BYTES:
        start = _at_least(read, start, place + 8)
        if len(start) < place + 8:
            break
        name, size = start[place : place + 4], struct.unpack_from("<I", start, place + 4)[0]
        place += 8
        if name == b"data" and audio_format is not None:
            known = size not in (0, 0xFFFFFFFF)
            return audio_format, size if known else None, start[place:]
        if size > _HEADER_BYTES:
            break
        start = _at_least(read, start, place + size)
        if name == b"fmt ":
            audio_format = _wav_format(start[place : place + size])
        place += size + size % 2
    raise _unsupported("its WAV header is damaged")


def _wav_format(chunk: bytes) -> AudioFormat:
    if len(chunk) < 16:
        raise _unsupported("its WAV header is damaged")
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunk)
    if tag == _EXTENSIBLE and len(chunk) >= 26:
        tag = struct.unpack_from("<H", chunk, 24)[0]
    encoding = _ENCODINGS.get((tag, bits))
    if encoding is None:
        raise _unsupported(f"WAV of format {tag} with {bits} bits cannot be heard piece by piece")
    return AudioFormat(rate, encoding, channels)


def _at_least(read: Read, start: bytes, size: int) -> bytes:
    while len(start) < size and (piece := read(size - len(start))):
        start += piece
    return start


def _unreadable(path: Path, text: str) -> InvalidInputError:
    details = ErrorDetails(reason="FILE_UNREADABLE", metadata={"path": str(path)})
    return InvalidInputError(f"cannot read {path}: {text}", details=details)


def _unsupported(text: str) -> InvalidInputError:
    return InvalidInputError(text, details=ErrorDetails(reason="AUDIO_FORMAT_UNSUPPORTED"))
