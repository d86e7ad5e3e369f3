"""Tensors to findings for whole pictures. Pure functions."""

from collections.abc import Sequence

import numpy as np

from sensorium_vision.domain import Floats, Label


def top_labels(probabilities: Floats, names: Sequence[str], top_k: int, min_score: float) -> list[Label]:
    """The most likely classes, by falling probability.

    Args:
        probabilities: `float32[C]`.
        names: of the C classes.
        top_k: how many at most.
        min_score: least probability.
    """
    most = min(top_k, len(probabilities))
    least = np.partition(probabilities, -most)[-most]
    candidates = np.flatnonzero(probabilities >= least)  # few: to sort all classes takes longer
    best = candidates[np.argsort(-probabilities[candidates], kind="stable")][:most]
    return [Label(int(i), names[i], float(probabilities[i])) for i in best if probabilities[i] >= min_score]


def normalised(embedding: Floats) -> Floats:
    """The vector at Euclidean length 1, `float32[D]`; a zero vector stays as it is."""
    wide = embedding.astype(np.float64)  # squares of tiny components vanish in 32 bits
    length = float(np.linalg.norm(wide))
    return (wide / length).astype(np.float32) if length else embedding
