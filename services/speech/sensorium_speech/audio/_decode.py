"""One way in for sound files and uncompressed sound."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sensorium_core.errors import InvalidInputError
from sensorium_speech.audio._encoded import FIELD as ENCODED_FIELD
from sensorium_speech.audio._encoded import decode_blocks, read_encoded_header
from sensorium_speech.audio._limits import AudioLimits
from sensorium_speech.audio._pcm import to_samples
from sensorium_speech.audio._resampling import Resampler
from sensorium_speech.domain import SAMPLE_RATE, AudioSource, EncodedAudio, RawAudio, Recording, Samples

_RAW_FIELD = "audio.raw.content"
_BLOCK_SECONDS = 10


@dataclass(frozen=True)
class AudioHeader:
    """What is known of a recording before it is decoded.

    Attributes:
        rate: samples a second.
        channels: in the recording.
        most_frames: samples of each channel at most; what the header says, or the limit when it does not say.
    """

    rate: int
    channels: int
    most_frames: int

    @property
    def decoded_bytes(self) -> int:
        """Bytes that the recording takes at most while it is decoded: its tracks, twice for a moment."""
        return 2 * 2 * self.channels * (self.most_frames * SAMPLE_RATE // self.rate + SAMPLE_RATE)


def read_header(source: AudioSource, limits: AudioLimits) -> AudioHeader:
    """Checks everything that can be checked without decoding.

    Raises:
        InvalidInputError: the reasons named in `audio.proto`.
    """
    if isinstance(source, EncodedAudio):
        header = read_encoded_header(source.data)
        limits.check(ENCODED_FIELD, header.rate, header.channels, header.frames)
        return AudioHeader(header.rate, header.channels, header.frames or int(limits.max_seconds * header.rate))
    audio_format = source.format
    frames, rest = divmod(len(source.data), audio_format.frame_bytes)
    if rest:
        text = f"{len(source.data)} bytes are not a whole number of frames of {audio_format.frame_bytes} bytes"
        raise InvalidInputError.field(_RAW_FIELD, text, reason="AUDIO_CORRUPT")
    limits.check(_RAW_FIELD, audio_format.rate, audio_format.channels, frames)
    return AudioHeader(audio_format.rate, audio_format.channels, frames)


def decode(source: AudioSource, header: AudioHeader, limits: AudioLimits, *, separate: bool) -> Recording:
    """The recording at 16 kHz.

    Args:
        source, header: the recording.
        limits: that the header has passed; a file without a length in its header is held to them here.
        separate: whether channels are kept apart; otherwise they are mixed.

    Raises:
        InvalidInputError: AUDIO_CORRUPT, or AUDIO_TOO_LONG.
    """
    resampler = Resampler(header.rate, header.channels, separate=separate)
    pieces, frames = [], 0
    for block in _blocks(source):
        frames += len(block)
        if frames > header.most_frames:
            raise limits.too_long(ENCODED_FIELD)
        pieces.append(resampler.push(block))
    pieces.append(resampler.push(np.zeros((0, header.channels), np.int16), last=True))
    tracks = np.ascontiguousarray(np.concatenate(pieces).T)
    return Recording(tracks, frames / header.rate, separate and header.channels > 1)


def _blocks(source: AudioSource) -> Iterator[Samples]:
    if isinstance(source, EncodedAudio):
        return decode_blocks(source.data)
    return _raw_blocks(source)


def _raw_blocks(source: RawAudio) -> Iterator[Samples]:
    size = _BLOCK_SECONDS * source.format.rate * source.format.frame_bytes
    view = memoryview(source.data)
    for start in range(0, len(view), size):
        yield to_samples(view[start : start + size], source.format, _RAW_FIELD)
