"""Whether what a process holds stays flat.

The first third of the samples is the warm-up: caches fill, arenas of the allocator grow, threads are made. Of the rest,
the median of the last third may be no higher than the median of the middle third and an allowance: two hundredths of it
and a constant, which what is measured rises and falls by of itself. Medians leave single peaks out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

MEBIBYTE = 1024 * 1024
_SHARE = 0.02
_ALLOWED = {"rss": 4.0 * MEBIBYTE, "fds": 4.0, "threads": 2.0, "tasks": 8.0, "shm": 1.0 * MEBIBYTE}
FEWEST = 9
"""Samples that make a trend."""


@dataclass(frozen=True)
class Trend:
    """The medians of the middle and the last third, and whether that is flat."""

    middle: float
    last: float
    flat: bool


def trend(what: str, values: Sequence[float]) -> Trend:
    """The trend of something that was measured again and again.

    Raises:
        ValueError: too few samples.
    """
    if len(values) < FEWEST:
        raise ValueError(f"{len(values)} samples make no trend, {FEWEST} do")
    third = len(values) // 3
    middle, last = median(values[third : 2 * third]), median(values[2 * third :])
    return Trend(middle, last, last <= middle * (1 + _SHARE) + _ALLOWED[what])
