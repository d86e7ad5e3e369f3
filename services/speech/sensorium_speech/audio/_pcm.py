"""Uncompressed samples of every encoding as 16-bit ones. Pure functions."""

from collections.abc import Callable

import numpy as np

from sensorium_core.errors import InvalidInputError
from sensorium_speech.domain import AudioFormat, Encoding, Floats, Samples

_FULL_SCALE = 32_767.0


def to_samples(data: bytes | memoryview, audio_format: AudioFormat, field: str) -> Samples:
    """The samples as `int16[N,C]`.

    Args:
        data: whole frames of samples.
        audio_format: what the bytes mean.
        field: path of the audio in the request, for the error.

    Raises:
        InvalidInputError: AUDIO_CORRUPT, for a floating-point sample that is not finite.
    """
    try:
        samples = _DECODERS[audio_format.encoding](data)
    except FloatingPointError as error:
        text = "a sample is not a finite number"
        raise InvalidInputError.field(field, text, reason="AUDIO_CORRUPT") from error
    return samples.reshape(-1, audio_format.channels)


def floats_to_samples(values: Floats) -> Samples:
    """Numbers of full scale -1 to 1 as 16-bit samples, clipped.

    Raises:
        FloatingPointError: one is not finite.
    """
    if not np.isfinite(values).all():
        raise FloatingPointError
    return np.asarray(np.rint(np.clip(values, -1.0, 1.0) * _FULL_SCALE), np.int16)


def _linear16(data: bytes | memoryview) -> Samples:
    return np.frombuffer(data, "<i2").astype(np.int16, copy=False)


def _linear24(data: bytes | memoryview) -> Samples:
    # The two upper bytes of three are the 16-bit sample.
    upper = np.frombuffer(data, np.uint8).reshape(-1, 3)[:, 1:]
    return np.ascontiguousarray(upper).view("<i2")[:, 0].astype(np.int16, copy=False)


def _linear32(data: bytes | memoryview) -> Samples:
    return (np.frombuffer(data, "<i4") >> 16).astype(np.int16)


def _uint8(data: bytes | memoryview) -> Samples:
    return (np.frombuffer(data, np.uint8).astype(np.int16) - 128) << 8


def _float32(data: bytes | memoryview) -> Samples:
    return floats_to_samples(np.frombuffer(data, "<f4").astype(np.float32, copy=False))


def _mulaw_table() -> Samples:
    # ITU-T G.711 mu-law: the bits are inverted; sign, three bits of segment, four of step; the bias is 33 of 14 bits.
    code = ~np.arange(256, dtype=np.uint8)
    segment, step = (code >> 4) & 7, code & 15
    magnitude = (((step.astype(np.int32) << 1) + 33) << segment) - 33
    return np.where(code & 0x80, -magnitude << 2, magnitude << 2).astype(np.int16)


def _alaw_table() -> Samples:
    # ITU-T G.711 A-law: every second bit is inverted; sign, three bits of segment, four of step, 13 bits in all.
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    segment, step = ((code >> 4) & 7).astype(np.int32), (code & 15).astype(np.int32)
    magnitude = np.where(segment == 0, (step << 1) + 1, ((step << 1) + 33) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, magnitude << 3, -magnitude << 3).astype(np.int16)


_MULAW, _ALAW = _mulaw_table(), _alaw_table()


def _by_table(table: Samples) -> Callable[[bytes | memoryview], Samples]:
    return lambda data: np.asarray(table[np.frombuffer(data, np.uint8)], np.int16)


_DECODERS: dict[Encoding, Callable[[bytes | memoryview], Samples]] = {
    Encoding.LINEAR16: _linear16,
    Encoding.MULAW: _by_table(_MULAW),
    Encoding.ALAW: _by_table(_ALAW),
    Encoding.UINT8: _uint8,
    Encoding.LINEAR24: _linear24,
    Encoding.LINEAR32: _linear32,
    Encoding.FLOAT32: _float32,
}
