"""The newest part of a track."""

import numpy as np

from sensorium_speech.domain import Samples

_FIRST_ROOM = 16_384


class SampleBuffer:
    """Keeps samples until they are dropped; positions count from the start of the track, whatever was dropped."""

    def __init__(self) -> None:
        self._room: Samples = np.zeros(_FIRST_ROOM, np.int16)
        self._start = 0  # position of the first sample in the room
        self._length = 0

    @property
    def start(self) -> int:
        """Position of the oldest sample that is kept."""
        return self._start

    @property
    def end(self) -> int:
        """Position behind the newest sample."""
        return self._start + self._length

    @property
    def room(self) -> int:
        """Samples that there is memory for now."""
        return len(self._room)

    def append(self, samples: Samples) -> None:
        """Adds samples, `int16[N]`."""
        needed = self._length + len(samples)
        if needed > len(self._room):
            grown = np.zeros(max(needed, 2 * len(self._room)), np.int16)
            grown[: self._length] = self._room[: self._length]
            self._room = grown
        self._room[self._length : needed] = samples
        self._length = needed

    def drop(self, position: int) -> None:
        """Forgets what is before a position. The memory shrinks with what is kept."""
        count = min(position - self._start, self._length)
        if count <= 0:
            return
        kept = self._room[count : self._length]
        if len(self._room) > _FIRST_ROOM and 4 * len(kept) < len(self._room):
            self._room = np.zeros(max(_FIRST_ROOM, 2 * len(kept)), np.int16)
        self._room[: len(kept)] = kept.copy()
        self._start += count
        self._length = len(kept)

    def cut(self, begin: int, end: int) -> Samples:
        """A copy of what is between two positions, `int16[end - begin]`; both must be kept.

        Raises:
            IndexError: a part of it was dropped or has not come yet.
        """
        if not self._start <= begin <= end <= self.end:
            raise IndexError(f"{begin} to {end} is not within {self._start} to {self.end}")
        return self._room[begin - self._start : end - self._start].copy()
