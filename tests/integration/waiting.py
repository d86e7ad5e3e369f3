"""Waiting on conditions, bounded."""

import time
from collections.abc import Callable

_PAUSE = 0.02


def until(condition: Callable[[], bool], seconds: float, describe: Callable[[], str] = str) -> float:
    """Waits until the condition holds and gives the seconds it took.

    Raises:
        AssertionError: it did not hold in time; the text is what `describe` gives then.
    """
    start = time.monotonic()
    while not condition():
        passed = time.monotonic() - start
        assert passed < seconds, f"not within {seconds} s: {describe()}"
        time.sleep(_PAUSE)
    return time.monotonic() - start
