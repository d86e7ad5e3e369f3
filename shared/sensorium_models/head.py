"""A linear head on n-grams, trained on labelled texts: fast, small, and hard to beat on short texts of one trade.

TF-IDF over the set of a text's n-grams, one linear support vector machine a class (Fan et al., LIBLINEAR, 2008), and
calibration on what each machine says of texts it has not seen (Platt 1999; temperature as Guo et al. 2017). Texts of
no class teach it what it does not know: their share of the probability belongs to none of the classes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sensorium_core.ngrams import NgramSettings, ngram_ids

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["Head", "head_network", "train_head"]

_FOLDS = 5
# The share of texts of known classes that should get an answer; it sets the threshold of the unknown.
_ANSWERED = 0.98

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Head:
    """What training gives.

    A text's margins are `bias + sum(weights[ids]) / sqrt(sum(squares[ids]))`; the probabilities are the softmax of
    margins / temperature and of `none`, the logit of no class, whose own probability is left out.

    Attributes:
        weights: float32[buckets, L].
        squares: float32[buckets], the squared inverse document frequency.
        bias: float32[L].
        temperature: above 0.
        none: logit of no class.
        unknown_threshold: at most 0.5; a best probability under this one means that none of the classes fits.
    """

    weights: NDArray[np.float32]
    squares: NDArray[np.float32]
    bias: NDArray[np.float32]
    temperature: float
    none: float
    unknown_threshold: float


def train_head(
    texts: Sequence[str], targets: Sequence[int], settings: NgramSettings, fold: Callable[[str, int], int]
) -> Head:
    """Trains on `texts`; the same ones always give the same head.

    Args:
        texts: What to learn from.
        targets: For each text the index of its class, -1 where it belongs to none; every class occurs.
        settings: Which n-grams to look at.
        fold: Puts a text into one of so many parts, texts of the same words into the same.
    """
    bags, truth = _bags(texts, settings), np.array(targets)
    folds = np.array([fold(text, _FOLDS) for text in texts])
    unseen = np.empty((len(texts), truth.max() + 1))
    for index in range(_FOLDS):
        weights, idf, bias = _fit(bags[folds != index], truth[folds != index])
        unseen[folds == index] = _scaled(bags[folds == index], idf) @ weights + bias
    temperature, none = _calibrated(unseen, truth)
    best = _probabilities(unseen, temperature, none)[truth >= 0, :-1].max(1)
    weights, idf, bias = _fit(bags, truth)
    return Head(
        weights=(weights * idf[:, None]).astype(np.float32),
        squares=np.square(idf).astype(np.float32),
        bias=bias.astype(np.float32),
        temperature=temperature,
        none=none,
        unknown_threshold=round(min(float(np.quantile(best, 1 - _ANSWERED)), 0.5), 3),
    )


def _bags(texts: Sequence[str], settings: NgramSettings) -> Any:
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - only training needs it

    ids = [ngram_ids(text, settings) for text in texts]
    columns = np.concatenate([np.array(row, np.int64) for row in ids])
    starts = np.cumsum([0, *map(len, ids)])
    return csr_matrix((np.ones(len(columns)), columns, starts), shape=(len(texts), settings.buckets))


def _scaled(bags: Any, idf: Floats) -> Any:
    weighted = bags.multiply(idf).tocsr()
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(1)))
    return weighted.multiply(1 / np.maximum(lengths, np.finfo(np.float32).tiny)).tocsr()


def _fit(bags: Any, truth: NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    from sklearn.svm import LinearSVC  # noqa: PLC0415 - only training needs it

    documents = np.asarray(bags.sum(0)).ravel()
    idf = np.log((1 + bags.shape[0]) / (1 + documents)) + 1
    scaled = _scaled(bags, idf)
    # One machine a class: texts of no class are on the other side of all of them.
    machines = [LinearSVC(random_state=0).fit(scaled, truth == each) for each in range(truth.max() + 1)]
    weights = np.concatenate([machine.coef_ for machine in machines]).T
    return weights, idf, np.concatenate([machine.intercept_ for machine in machines])


def _calibrated(margins: Floats, truth: NDArray[np.int64]) -> tuple[float, float]:
    from scipy.optimize import minimize  # noqa: PLC0415 - only training needs it

    # Few texts may all be right by chance: as Platt does, one more of each class is taken to be possible (-1, no class,
    # is the last column). Without it the temperature of separable texts would have no lower bound.
    doubt = 1 / (len(truth) + 2)

    def surprise(parameters: Floats) -> float:
        logs = np.log(_probabilities(margins, float(np.exp(parameters[0])), float(parameters[1])) + 1e-12)
        return float(-(1 - doubt) * logs[np.arange(len(truth)), truth].mean() - doubt * logs.mean())

    found = minimize(surprise, x0=[-1.0, 0.0], method="Nelder-Mead").x
    return float(np.exp(found[0])), float(found[1])


def _probabilities(margins: Floats, temperature: float, none: float) -> Floats:
    logits = np.concatenate([margins / temperature, np.full((len(margins), 1), none)], 1)
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True))


def head_network(head: Head) -> nn.Module:
    """The head as a network: `input_ids` int32[N,T], padded with -1, to `probabilities` float32[N,L]."""
    import torch  # noqa: PLC0415 - seconds to import: only a build needs it

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            # Side by side, so that one look-up fetches both.
            self.register_buffer("table", torch.from_numpy(np.column_stack([head.weights, head.squares])))
            self.register_buffer("bias", torch.from_numpy(head.bias))

        def forward(self, input_ids: Tensor) -> Tensor:
            net: Any = self
            real = (input_ids >= 0).unsqueeze(-1).float()
            sums = (net.table[input_ids.clamp(min=0).long()] * real).sum(1)
            lengths = sums[:, -1:].sqrt().clamp(min=1e-6)
            logits = (sums[:, :-1] / lengths + net.bias) / head.temperature
            none = torch.full_like(logits[:, :1], head.none)
            return torch.softmax(torch.cat([logits, none], -1), -1)[:, :-1]

    return Network()
