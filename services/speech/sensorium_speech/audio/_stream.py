"""Uncompressed sound that comes in pieces of any size."""

import numpy as np

from sensorium_speech.audio._pcm import to_samples
from sensorium_speech.audio._resampling import Resampler
from sensorium_speech.domain import AudioFormat, Samples


class StreamDecoder:
    """Turns the bytes of a stream into samples at 16 kHz as they come.

    Args:
        audio_format: what the bytes mean.
        separate: whether channels are kept apart; otherwise they are mixed.
    """

    def __init__(self, audio_format: AudioFormat, *, separate: bool) -> None:
        self.separate = separate and audio_format.channels > 1
        self._format = audio_format
        self._resampler = Resampler(audio_format.rate, audio_format.channels, separate=separate)
        self._rest = b""

    @property
    def tracks(self) -> int:
        """How many tracks come out."""
        return self._resampler.tracks

    def feed(self, data: bytes) -> Samples:
        """The samples that the bytes complete, `int16[T,N]`, a row a track.

        Raises:
            InvalidInputError: AUDIO_CORRUPT, for a number that is not finite.
        """
        data = self._rest + data
        whole = len(data) - len(data) % self._format.frame_bytes
        self._rest = data[whole:]
        frames = to_samples(memoryview(data)[:whole], self._format, "audio")
        return np.ascontiguousarray(self._resampler.push(frames).T)

    def finish(self) -> Samples:
        """The last samples, `int16[T,N]`; a sample that was cut is dropped. Nothing may follow."""
        empty = np.zeros((0, self._format.channels), np.int16)
        return np.ascontiguousarray(self._resampler.push(empty, last=True).T)
