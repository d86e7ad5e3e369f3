"""How fast a busy service works, and who would wait for too long."""

import time
from collections.abc import Callable

# Fewer requests than this are no queue: nobody is refused, and nothing is learned of how fast a busy service is.
CROWD = 8
_WINDOW = 0.25
_NEW_PART = 0.5
# A wait that is expected to take more of a deadline than this is refused: the estimate is one, and the work itself
# takes time, too.
_PART_OF_DEADLINE = 0.5


class Pace:
    """Measures the seconds from one end of a request to the next while requests wait.

    Attributes:
        seconds: what was measured last, smoothed; 0 before anything was.

    Args:
        clock: monotonic, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.seconds = 0.0
        self._since: float | None = None
        self._ends = 0

    def note_end(self, in_flight: int) -> None:
        """Notes that a request has ended; `in_flight` counts it still."""
        if in_flight < CROWD:
            self._since = None
            return
        now = self._clock()
        if self._since is None:
            self._since, self._ends = now, 0
            return
        self._ends += 1
        passed = now - self._since
        if passed >= _WINDOW and self._ends >= CROWD:
            new = passed / self._ends
            self.seconds += (new - self.seconds) * (_NEW_PART if self.seconds else 1.0)
            self._since, self._ends = now, 0

    def is_late(self, before: float, left: float) -> bool:
        """Whether a request with so many before it, and so many seconds until its deadline, would not be answered."""
        return before >= CROWD and before * self.seconds > _PART_OF_DEADLINE * left
