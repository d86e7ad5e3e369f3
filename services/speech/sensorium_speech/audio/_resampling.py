"""Channels mixed or kept apart, and brought to the models' rate piece by piece."""

import numpy as np
import soxr

from sensorium_speech.domain import SAMPLE_RATE, Samples


class Resampler:
    """Turns pieces of sound of any rate into pieces at 16 kHz, without a seam between them.

    Args:
        rate: samples a second of what comes in.
        channels: of what comes in.
        separate: whether the channels are kept apart; otherwise they are averaged.
    """

    def __init__(self, rate: int, channels: int, *, separate: bool) -> None:
        self.tracks = channels if separate else 1
        self._mixes = not separate and channels > 1
        self._soxr = None if rate == SAMPLE_RATE else soxr.ResampleStream(rate, SAMPLE_RATE, self.tracks)

    def push(self, frames: Samples, *, last: bool = False) -> Samples:
        """The next piece.

        Args:
            frames: `int16[N,C]`, possibly empty.
            last: gives out what the filter still holds; nothing may follow.

        Returns:
            `int16[M,T]`, a column a track; M varies, because the filter looks ahead.
        """
        if self._mixes:
            frames = frames.mean(axis=1, keepdims=True, dtype=np.float32).astype(np.int16)
        if self._soxr is None:
            return frames
        # In floating point: soxr's integers carry a random dither, and the same sound must give the same samples.
        resampled = self._soxr.resample_chunk(frames.astype(np.float32), last=last)
        return np.asarray(np.clip(np.rint(resampled), -32_768, 32_767), np.int16).reshape(-1, self.tracks)
