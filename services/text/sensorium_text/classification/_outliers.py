"""Whether a text belongs to any of the classes of a label set, which their probabilities alone cannot tell.

A text is compared with the mean of each class by the cosine of their embeddings. What the examples have to the mean of
the other examples of their class tells how alike texts of these classes are; texts of everyday life have 0.1 to any
class (95 % of them less than 0.3). In between the probability rises.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sensorium_text.domain import Floats

_Indices = npt.NDArray[np.intp]

# Cosines of unrelated texts and class means, with both embedders.
_UNRELATED = 0.1
# What examples are assumed to have to their class, and how many examples that assumption is worth.
_USUAL, _USUAL_WEIGHT = 0.4, 2
# Classes whose examples have nothing in common are told from unrelated texts by no less than this.
_LEAST_GAP = 0.1
# Parts of the way from unrelated texts to examples: where the probability is a half, and over which the odds grow by
# the factor e. With 16 examples a class 2 to 5 % of work orders are unknown, and 97 to 99 % of everyday sentences.
_FLOOR, _SCALE = 0.35, 0.08
# Descriptions are less like texts of their class than examples are.
_DESCRIBED_FLOOR, _DESCRIBED_SCALE = 0.1, 0.03


@dataclass(frozen=True, eq=False)
class Familiarity:
    """The probability that texts belong to any of the classes.

    Attributes:
        centres: a direction for each class, `float32[C,D]`, each of length 1.
        floor: cosine at which the probability is a half.
        scale: rise of the cosine by which the odds grow by the factor e.
    """

    centres: Floats
    floor: float
    scale: float

    def probabilities(self, embeddings: Floats) -> Floats:
        """Of texts with the embeddings `float32[N,D]`, each of length 1: `float32[N]`."""
        nearest = (embeddings @ self.centres.T).max(axis=1)
        # By tanh, which does not overflow.
        result: Floats = (0.5 + 0.5 * np.tanh((nearest - self.floor) / (2 * self.scale))).astype(np.float32)
        return result


def familiar_by_examples(embeddings: Floats, classes: _Indices, count: int) -> Familiarity:
    """What is like the examples.

    Args:
        embeddings: of the examples, `float32[N,D]`, each of length 1.
        classes: of the examples, `intp[N]`, each of 0 to `count` - 1 at least once.
        count: how many classes there are.
    """
    sums = np.zeros((count, embeddings.shape[1]), np.float32)
    np.add.at(sums, classes, embeddings)
    # Of each example and the mean of the others of its class.
    accompanied = np.bincount(classes, minlength=count)[classes] > 1
    others = _directions(sums[classes[accompanied]] - embeddings[accompanied])
    left_out = np.einsum("nd,nd->n", embeddings[accompanied], others)
    usual = (left_out.sum() + _USUAL_WEIGHT * _USUAL) / (len(left_out) + _USUAL_WEIGHT)
    gap = max(float(usual) - _UNRELATED, _LEAST_GAP)
    return Familiarity(_directions(sums), _UNRELATED + _FLOOR * gap, _SCALE * gap)


def familiar_by_description(embeddings: Floats) -> Familiarity:
    """What is like the descriptions with the embeddings `float32[C,D]`, each of length 1."""
    return Familiarity(embeddings, _DESCRIBED_FLOOR, _DESCRIBED_SCALE)


def _directions(vectors: Floats) -> Floats:
    """Vectors with length 1; those of no length stay as they are."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
