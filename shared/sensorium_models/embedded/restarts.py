"""How often something that ends is started again."""

from collections import deque

__all__ = ["RestartBudget"]


class RestartBudget:
    """Counts restarts, so that what cannot live is given up instead of started for ever.

    Args:
        limit: restarts allowed within any window.
        window_s: length of the window in seconds.
    """

    def __init__(self, limit: int, window_s: float) -> None:
        self._limit = limit
        self._window_s = window_s
        self._times: deque[float] = deque()

    def spend(self, now: float) -> bool:
        """Count a restart at the monotonic time `now`; False where it is one too many."""
        while self._times and self._times[0] <= now - self._window_s:
            self._times.popleft()
        self._times.append(now)
        return len(self._times) <= self._limit
