"""Sound files through libsndfile, which releases the GIL: WAV, FLAC and OGG."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import soundfile

from sensorium_core.errors import InvalidInputError
from sensorium_speech.audio._pcm import floats_to_samples
from sensorium_speech.audio._structure import fault, file_format
from sensorium_speech.domain import Samples

FIELD = "audio.encoded"
# Integers come as integers; the rest is decoded to floating point, which libsndfile does not scale when asked for
# integers.
_INTEGER_SUBTYPES = ("PCM_U8", "PCM_S8", "PCM_16", "PCM_24", "PCM_32", "ULAW", "ALAW")
_FLOAT_SUBTYPES = ("FLOAT", "DOUBLE", "VORBIS", "OPUS")
_BLOCK_SECONDS = 10


@dataclass(frozen=True)
class EncodedHeader:
    """What a sound file says of itself; `frames` are samples of each channel, 0 when it does not say."""

    rate: int
    channels: int
    frames: int


def read_encoded_header(data: bytes) -> EncodedHeader:
    """Reads the header only.

    Raises:
        InvalidInputError: AUDIO_FORMAT_UNSUPPORTED, or AUDIO_CORRUPT for a file that is damaged or cut short.
    """
    if not file_format(data):
        text = "not a sound file in one of the formats that are read: WAV, FLAC, OGG"
        raise InvalidInputError.field(FIELD, text, reason="AUDIO_FORMAT_UNSUPPORTED")
    if wrong := fault(data):
        raise _corrupt(f"the sound file is {wrong}")
    with _opened(data) as file:
        if file.subtype not in _INTEGER_SUBTYPES + _FLOAT_SUBTYPES:
            text = "samples are coded in a way that is not read; PCM, mu-law, A-law, FLAC, Vorbis and Opus are"
            raise InvalidInputError.field(FIELD, text, reason="AUDIO_FORMAT_UNSUPPORTED")
        return EncodedHeader(file.samplerate, file.channels, max(0, file.frames))


def decode_blocks(data: bytes) -> Iterator[Samples]:
    """The samples, some seconds at a time, as `int16[N,C]`.

    Raises:
        InvalidInputError: AUDIO_CORRUPT, for a file that turns out to be damaged, or holds a number that is not finite.
    """
    with _opened(data) as file:
        dtype = "int16" if file.subtype in _INTEGER_SUBTYPES else "float32"
        decoded = 0
        while len(block := file.read(_BLOCK_SECONDS * file.samplerate, dtype, always_2d=True)):
            decoded += len(block)
            yield block if dtype == "int16" else floats_to_samples(np.asarray(block, np.float32))
        if decoded < file.frames:
            raise _corrupt("the sound file is damaged or cut short")


@contextmanager
def _opened(data: bytes) -> Iterator[soundfile.SoundFile]:
    try:
        file = soundfile.SoundFile(io.BytesIO(data))
    except soundfile.LibsndfileError as error:
        text = "the header of the sound file is damaged, or says what cannot be, such as a rate of 0"
        raise _corrupt(text) from error
    try:
        with file:
            yield file
    except soundfile.LibsndfileError as error:
        raise _corrupt("the sound file is damaged or cut short") from error
    except FloatingPointError as error:
        raise _corrupt("a sample of the sound file is not a finite number") from error


def _corrupt(text: str) -> InvalidInputError:
    return InvalidInputError.field(FIELD, text, reason="AUDIO_CORRUPT")
