"""Which sentences stand for the others: centrality in the graph of their similarities, without saying things twice.

On eight maintenance reports of 8 to 13 sentences, English and Chinese, summaries of 2 to 4 sentences held cause and
action most often this way, and never small talk. Random walks on the graph (LexRank proper), a threshold on
similarities, a bonus for early sentences and one for words such as `because` and `replaced` did not do better.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sensorium_text.domain import Floats

# How much of a sentence's worth is its centrality; the rest is lost to what was said already.
_RELEVANCE = 0.7
# A sentence so close to a chosen one says nearly the same and comes after all others; one as close as this, the same.
_ALIKE = 0.85
_SAME = 0.999


@dataclass(frozen=True)
class Limits:
    """How long a summary may be: in sentences, in characters with the line breaks between sentences; None for any."""

    sentences: int | None = None
    characters: int | None = None


def similarities(embeddings: Floats) -> Floats:
    """Cosine similarities of embeddings of length 1, `float32[N,D]`: `float32[N,N]`, 0 to 1."""
    products: Floats = embeddings @ embeddings.T
    return products.clip(0, 1)


def centrality(similar: Floats) -> Floats:
    """How much of all sentences each stands for, `float32[N]`, more than 0, at most 1.

    Degree centrality (Erkan and Radev 2004, "LexRank") in the graph of squared similarities: squares let a few close
    sentences count more than many that share no more than the subject.
    """
    degrees = np.square(similar).sum(axis=1) + np.float32(1e-6)
    shares: Floats = degrees / degrees.max()
    return shares


def select(similar: Floats, worth: Floats, lengths: npt.NDArray[np.int64], limits: Limits) -> list[int]:
    """The sentences of a summary, in the order in which they were chosen.

    Maximal marginal relevance (Carbonell and Goldstein 1998): the best sentence that fits comes first, then always the
    one that is best after what it has in common with those chosen is taken off, until nothing more fits. None is said
    twice.

    Args:
        similar: `float32[N,N]`, 0 to 1.
        worth: of each sentence, `float32[N]`, 0 to 1.
        lengths: of each sentence in characters, `int64[N]`.
        limits: how long the summary may be.
    """
    chosen: list[int] = []
    said: Floats = np.zeros_like(worth)
    room = np.inf if limits.characters is None else limits.characters
    while limits.sentences is None or len(chosen) < limits.sentences:
        candidates = (lengths <= room) & (said < _SAME)
        if not candidates.any():
            break
        gain = _RELEVANCE * worth - (1 - _RELEVANCE) * said - (said >= _ALIKE)
        best = int(np.where(candidates, gain, -np.inf).argmax())
        chosen.append(best)
        room -= int(lengths[best]) + 1
        said = np.maximum(said, similar[best])
        said[best] = 1
    return chosen
