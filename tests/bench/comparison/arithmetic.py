"""What measured values are turned into."""

import random
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Spread", "paired_ratio", "percentile", "poisson_arrivals", "spread"]


@dataclass(frozen=True)
class Spread:
    """The median of rounds, and the least and most of them."""

    median: float
    least: float
    most: float
    rounds: int

    def __str__(self) -> str:
        return f"{self.median:.3g} ({self.least:.3g}-{self.most:.3g})"


def percentile(values: Sequence[float], percent: float) -> float:
    """The least value that so many of 100 do not exceed (the nearest rank, which never makes up a value).

    Args:
        values: at least one, in any order.
        percent: above 0, up to 100.
    """
    if not values:
        raise ValueError("there is no percentile of nothing")
    if not 0 < percent <= 100:
        raise ValueError(f"{percent} is no percentage")
    ordered = sorted(values)
    rank = -int(-len(ordered) * percent // 100)  # rounded up
    return ordered[rank - 1]


def spread(values: Iterable[float]) -> Spread:
    """Median, least and most of at least one round."""
    each = list(values)
    return Spread(statistics.median(each), min(each), max(each), len(each))


def paired_ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Spread:
    """Ratios within rounds: what else the machine does in a round hits both sides of it.

    Raises:
        ValueError: the sides have not the same rounds.
    """
    return spread(above / below for above, below in zip(numerators, denominators, strict=True))


def poisson_arrivals(rate: float, seconds: float, seed: int) -> Iterator[float]:
    """Moments of arrivals that know nothing of each other, as in the Server scenario of MLPerf Inference.

    Args:
        rate: arrivals a second in the mean.
        seconds: when the last may come.
        seed: the same gives the same moments.

    Yields:
        Seconds from the start, rising.
    """
    chance = random.Random(seed)
    moment = chance.expovariate(rate)
    while moment <= seconds:
        yield moment
        moment += chance.expovariate(rate)
