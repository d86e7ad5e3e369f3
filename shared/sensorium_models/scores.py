"""How good predicted probabilities are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Score", "accuracy", "calibration_error"]

_BINS = 10


@dataclass(frozen=True, slots=True)
class Score:
    """A figure that a model is to reach, such as its accuracy on held-out texts, and the least it may be."""

    name: str
    value: float
    least: float

    @property
    def passed(self) -> bool:
        """Whether the model is good enough; not a number is not."""
        return self.value >= self.least

    def __str__(self) -> str:
        """One line for people: name, value, and what it is to be."""
        comparison = "at least" if self.passed else "TOO LOW, at least"
        return f"{self.name}: {self.value:.1%} ({comparison} {self.least:.0%})"


def accuracy(probabilities: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Share of rows whose most probable class is `truth`: float[N,L], int[N] -> 0 to 1."""
    return float((probabilities.argmax(1) == truth).mean())


def calibration_error(probabilities: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Expected calibration error of the most probable class over ten equal bins: float[N,L], int[N] -> 0 to 1.

    Guo et al., On Calibration of Modern Neural Networks, 2017.
    """
    confidence, right = probabilities.max(1), probabilities.argmax(1) == truth
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(confidence[bins == each].mean() - right[bins == each].mean()) * (bins == each).mean()
        for each in np.unique(bins)
    ]
    return float(sum(gaps))
