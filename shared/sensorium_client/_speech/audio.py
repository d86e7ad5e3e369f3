"""What a recording or a piece of one may be, and how it becomes bytes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from sensorium.type.v1 import audio_pb2
from sensorium_client._errors import ErrorDetails, FieldViolation, InvalidInputError
from sensorium_client._files import check_size, load
from sensorium_client._message import build, invalid

MAX_AUDIO_BYTES = 128 * 1024 * 1024
"""The contract's limit for a recording."""
MAX_CHUNK_BYTES = 32 * 1024 * 1024
"""The contract's limit for a chunk of a stream or session."""


class AudioEncoding(IntEnum):
    """How a sample is written as bytes, little endian."""

    LINEAR16 = audio_pb2.AUDIO_ENCODING_LINEAR16
    MULAW = audio_pb2.AUDIO_ENCODING_MULAW
    ALAW = audio_pb2.AUDIO_ENCODING_ALAW
    UINT8 = audio_pb2.AUDIO_ENCODING_UINT8
    LINEAR24 = audio_pb2.AUDIO_ENCODING_LINEAR24
    LINEAR32 = audio_pb2.AUDIO_ENCODING_LINEAR32
    FLOAT32 = audio_pb2.AUDIO_ENCODING_FLOAT32


@dataclass(frozen=True)
class AudioFormat:
    """What the bytes of sound without a header mean; checked by the server, not here."""

    sample_rate_hertz: int
    """Samples a second of each channel, 8000 to 48000."""
    encoding: AudioEncoding = AudioEncoding.LINEAR16
    channel_count: int = 1
    """Up to 8."""

    @property
    def frame_bytes(self) -> int:
        """Bytes of one moment: a sample of each channel."""
        return _BYTES[self.encoding] * self.channel_count

    def to_proto(self) -> audio_pb2.AudioFormat:
        """The protobuf message.

        Raises:
            InvalidInputError: a number is none that the contract can carry.
        """
        numbers = (self.sample_rate_hertz, self.channel_count)
        if not all(0 <= number < 2**31 for number in numbers):
            raise invalid("audio_format", f"rate and channels are whole numbers of 32 bits, not {numbers}")
        return build(
            audio_pb2.AudioFormat,
            {
                "encoding": int(self.encoding),
                "sample_rate_hertz": self.sample_rate_hertz,
                "audio_channel_count": self.channel_count,
            },
            "audio_format",
        )


@dataclass(frozen=True)
class RawAudio:
    """A recording without a header."""

    content: bytes
    format: AudioFormat

    @classmethod
    def from_array(cls, samples: npt.NDArray[Any], sample_rate_hertz: int) -> RawAudio:
        """A recording from an array of any memory layout and byte order.

        Args:
            samples: `[N]` or `[N,C]` of int16, int32, uint8 (128 is silence) or floating point (full scale -1 to 1).
            sample_rate_hertz: samples a second of each channel.

        Raises:
            InvalidInputError: the array's shape or dtype is none of these, or it is empty.
        """
        samples = np.asarray(samples)
        encoding = _encoding_of(samples)
        if samples.size == 0:
            raise invalid("audio.raw.content", f"an array of shape {samples.shape} has no samples")
        channels = samples.shape[1] if samples.ndim == 2 else 1
        return cls(_bytes_of(samples, encoding), AudioFormat(sample_rate_hertz, encoding, channels))

    def to_proto(self) -> audio_pb2.RawAudio:
        """The protobuf message."""
        return audio_pb2.RawAudio(format=self.format.to_proto(), content=bytes(self.content))


Recording: TypeAlias = bytes | bytearray | memoryview | str | os.PathLike[str] | npt.NDArray[Any] | RawAudio
"""A sound file's bytes (WAV, FLAC, OGG), a path (also as `str`), an array of samples, or bytes with their format."""

Chunk: TypeAlias = bytes | bytearray | memoryview | npt.NDArray[Any]
"""A piece of a stream: bytes in the stream's format, or an array of samples of the same type."""

_BYTES = {
    AudioEncoding.LINEAR16: 2,
    AudioEncoding.MULAW: 1,
    AudioEncoding.ALAW: 1,
    AudioEncoding.UINT8: 1,
    AudioEncoding.LINEAR24: 3,
    AudioEncoding.LINEAR32: 4,
    AudioEncoding.FLOAT32: 4,
}
# kind and item size of an array to the encoding of its samples
_ENCODINGS = {
    ("i", 2): AudioEncoding.LINEAR16,
    ("i", 4): AudioEncoding.LINEAR32,
    ("u", 1): AudioEncoding.UINT8,
    ("f", 2): AudioEncoding.FLOAT32,
    ("f", 4): AudioEncoding.FLOAT32,
    ("f", 8): AudioEncoding.FLOAT32,
}
_DTYPES = {
    AudioEncoding.LINEAR16: "<i2",
    AudioEncoding.LINEAR32: "<i4",
    AudioEncoding.UINT8: "u1",
    AudioEncoding.FLOAT32: "<f4",
}


def audio_message(recording: Recording, sample_rate_hertz: int | None) -> audio_pb2.Audio:
    """The protobuf message for a recording; reads the file when it is a path.

    Raises:
        InvalidInputError: a file that cannot be read, an array that is no sound, a rate where none is needed or none
            where it is.
        MessageTooLargeError: more than 128 MiB.
    """
    if isinstance(recording, np.ndarray):
        if sample_rate_hertz is None:
            raise invalid("audio.raw.format.sample_rate_hertz", "an array does not say how fast it is: give it, too")
        recording = RawAudio.from_array(recording, sample_rate_hertz)
    elif sample_rate_hertz is not None:
        raise invalid("audio", "sample_rate_hertz says how fast an array is; this recording is not an array")
    if isinstance(recording, RawAudio):
        check_size(len(recording.content), "the recording", MAX_AUDIO_BYTES)
        return audio_pb2.Audio(raw=recording.to_proto())
    return audio_pb2.Audio(encoded=_encoded(recording))


def chunk_bytes(chunk: Chunk, audio_format: AudioFormat) -> bytes:
    """The bytes of a chunk.

    Raises:
        InvalidInputError: an array whose samples or channels are not those of the format.
        MessageTooLargeError: more than 32 MiB.
    """
    if isinstance(chunk, np.ndarray):
        if _encoding_of(chunk) is not audio_format.encoding:
            wanted = audio_format.encoding.name
            raise _unsupported(chunk, f"in a stream of {wanted}")
        channels = chunk.shape[1] if chunk.ndim == 2 else 1
        if channels != max(audio_format.channel_count, 1):
            raise _unsupported(chunk, f"in a stream of {audio_format.channel_count} channels")
        chunk = _bytes_of(chunk, audio_format.encoding)
    elif not isinstance(chunk, bytes | bytearray | memoryview):
        raise invalid("audio", f"a chunk is bytes or an array, not {type(chunk).__name__}")
    check_size(memoryview(chunk).nbytes, "the chunk", MAX_CHUNK_BYTES)
    return bytes(chunk)


def _encoded(recording: bytes | bytearray | memoryview | str | os.PathLike[str]) -> bytes:
    if isinstance(recording, str | os.PathLike):
        return load(recording, MAX_AUDIO_BYTES)
    if not isinstance(recording, bytes | bytearray | memoryview):
        text = f"a recording is bytes, a path, an array or a RawAudio, not {type(recording).__name__}"
        raise invalid("audio", text)
    check_size(memoryview(recording).nbytes, "the recording", MAX_AUDIO_BYTES)
    return bytes(recording)


def _encoding_of(samples: npt.NDArray[Any]) -> AudioEncoding:
    encoding = _ENCODINGS.get((samples.dtype.kind, samples.dtype.itemsize))
    if encoding is None or samples.ndim not in (1, 2):
        raise _unsupported(samples, "")
    return encoding


def _bytes_of(samples: npt.NDArray[Any], encoding: AudioEncoding) -> bytes:
    return np.ascontiguousarray(samples).astype(_DTYPES[encoding], copy=False).tobytes()


def _unsupported(samples: npt.NDArray[Any], where: str) -> InvalidInputError:
    given = f"{samples.dtype}{list(samples.shape)}"
    text = f"an array {given} cannot be sent {where}".rstrip() + "; use int16[N] or float32[N], of C channels [N,C]"
    details = ErrorDetails(reason="ARRAY_UNSUPPORTED", violations=(FieldViolation("audio", text),))
    return InvalidInputError(text, details=details)
