"""The major system of an excavator that a work order is about: a head trained on NIST Nestor's labelled work orders.

The graph takes `input_ids` int32[N,T], hashed n-grams as `sensorium_core.ngrams` makes them with the settings in the
parameter `ngrams`, padded on the right with -1, and gives `probabilities` float32[N,7]. What a row lacks to 1 is the
probability that the work order is about none of the seven.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sensorium_core.ngrams import NgramSettings, ngram_ids
from sensorium_models.export import export_text_encoder
from sensorium_models.head import Head, head_network, train_head
from sensorium_models.recipe import Case, Predict, Recipe
from sensorium_models.scores import Score, accuracy, calibration_error
from sensorium_models.texts import SENTENCES, in_batches, padded
from sensorium_models.wheels import Sources
from sensorium_models.work_orders import NESTOR, WorkOrder, is_held_out, major_systems, part_of, work_orders

if TYPE_CHECKING:
    import onnx

SETTINGS = NgramSettings(buckets=1 << 16, words=(1, 2), characters=(3, 5), limit=1024)


def build(sources: Sources) -> onnx.ModelProto:
    """The trained head, as one graph."""
    return export_text_encoder(head_network(_head(sources)), ["probabilities"])


def _head(sources: Sources) -> Head:
    return _trained(sources.folders[NESTOR.project])


@cache  # one training serves the graph, the parameters and the check
def _trained(folder: Path) -> Head:
    orders = work_orders(Sources({NESTOR.project: folder}))
    systems = ["", *major_systems(orders)]
    known = [order for order in orders if not is_held_out(order.text)]
    targets = [systems.index(order.major_system) - 1 for order in known]
    return train_head([order.text for order in known], targets, SETTINGS, _fold)


def _fold(text: str, folds: int) -> int:
    return part_of(text, folds, purpose="calibration")


def parameters(sources: Sources) -> dict[str, str]:
    """How to make the ids, and under which probability none of the systems fits."""
    return {
        "tokenizer": "ngrams",
        "ngrams": SETTINGS.to_json(),
        "languages": "en",
        "max_tokens": str(SETTINGS.limit),
        "unknown_threshold": str(_head(sources).unknown_threshold),
    }


def labels(sources: Sources) -> list[str]:
    """The systems, by class index."""
    return major_systems(work_orders(sources))


def cases(sources: Sources) -> Iterator[Case]:
    """The formula of the head in double precision, one text at a time; the graph sees them padded in one batch."""
    head = _head(sources)
    orders = [order.text for order in work_orders(sources) if is_held_out(order.text)]
    for name, texts in {"work orders": orders[:64], "no words": ["-", "BUCKET"], **SENTENCES}.items():
        rows = [ngram_ids(text, SETTINGS) for text in texts]
        expected = np.stack([_probabilities(head, row) for row in rows])
        yield Case(name, {"input_ids": padded(rows)}, {"probabilities": expected})


def _probabilities(head: Head, ids: list[int]) -> NDArray[np.float64]:
    length = max(float(np.sqrt(head.squares[ids].sum(dtype=np.float64))), 1e-6)
    margins = head.weights[ids].sum(0, dtype=np.float64) / length + head.bias
    powers = np.exp(np.append(margins / head.temperature, head.none))
    return np.asarray(powers[:-1] / powers.sum())


async def scores(sources: Sources, predict: Predict) -> list[Score]:
    """On work orders whose words are in no text that was trained on."""
    orders = [order for order in work_orders(sources) if is_held_out(order.text)]
    about_one = [order for order in orders if order.major_system]
    about_none = [order for order in orders if not order.major_system]
    known, others = await _predicted(about_one, predict), await _predicted(about_none, predict)
    truth = np.array([labels(sources).index(order.major_system) for order in about_one])
    limit = _head(sources).unknown_threshold
    answered = known.max(1) >= limit
    everything = _with_none(np.concatenate([known, others]))
    nothing = np.full(len(others), len(labels(sources)))
    return [
        Score(f"accuracy on {len(truth)} held-out work orders", accuracy(known, truth), least=0.97),
        Score("calibration, 1 - ECE", 1 - calibration_error(everything, np.concatenate([truth, nothing])), least=0.95),
        Score(f"answered, as above {limit:g}", float(answered.mean()), least=0.95),
        Score("accuracy where answered", accuracy(known[answered], truth[answered]), least=0.97),
        Score(f"unknown of {len(others)} about none", float((others.max(1) < limit).mean()), least=0.9),
    ]


def _with_none(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.column_stack([probabilities, 1 - probabilities.sum(1)])


async def _predicted(orders: list[WorkOrder], predict: Predict) -> NDArray[np.float32]:
    rows = [ngram_ids(order.text, SETTINGS) for order in orders]
    return np.concatenate([(await predict({"input_ids": ids}))["probabilities"] for ids in in_batches(rows)])


RECIPE = Recipe(
    capability="classify",
    source="nist-nestor 0.4.4, excavators-cleaned.csv; trained by the build",
    license="NIST-PD-fallback",
    wheels=(NESTOR,),
    build=build,
    labels=labels,
    parameters=parameters,
    cases=cases,
    scores=scores,
    trained=True,
    tolerances={"probabilities": 1e-5},
)
