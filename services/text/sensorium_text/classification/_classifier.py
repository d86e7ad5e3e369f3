"""Texts to classes, by a trained head or by the labels of the request."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sensorium_text import models
from sensorium_text.classification._label_sets import LabelSetClassifier
from sensorium_text.domain import Classification, ClassifyOptions, Floats, Label
from sensorium_text.models import TextModels
from sensorium_text.sequences import SequenceModel


@dataclass(frozen=True, eq=False)
class ClassScores:
    """Probabilities of texts: `float32[N,C]`, each row of sum 1; names of the classes; where unknown begins."""

    probabilities: Floats
    names: Sequence[str]
    unknown_threshold: float


class Classifier:
    """Says which class texts belong to."""

    def __init__(self, available: TextModels, label_sets: LabelSetClassifier) -> None:
        self._models = available
        self._label_sets = label_sets

    def check(self, options: ClassifyOptions) -> None:
        """Refuses options that name a model this service does not have.

        Raises:
            NotFoundError: MODEL_NOT_FOUND.
        """
        if options.label_set is None:
            self._head(options)
        else:
            self._label_sets.check(options.label_set, f"{options.field}.label_set")

    async def classify(self, texts: Sequence[str], options: ClassifyOptions) -> list[Classification]:
        """The labels of each text, by falling score."""
        scores = await self.scores(texts, options)
        given = options.unknown_threshold
        threshold = scores.unknown_threshold if given is None else given
        return [_classification(row, scores.names, options.top_k, threshold) for row in scores.probabilities]

    async def scores(self, texts: Sequence[str], options: ClassifyOptions) -> ClassScores:
        """The probability of every class for each text; equal texts are computed once."""
        distinct = list(dict.fromkeys(texts))
        if options.label_set is None:
            head = self._head(options)
            names, threshold = head.labels, float(head.parameters.get("unknown_threshold", "0"))
            encodings = await head.encode(distinct)
            rows = np.stack(await head.run([encoding.ids for encoding in encodings]))
        else:
            names = [label.name for label in options.label_set.labels]
            field = f"{options.field}.label_set"
            rows, threshold = await self._label_sets.probabilities(distinct, options.label_set, field)
        places = {text: place for place, text in enumerate(distinct)}
        return ClassScores(rows[[places[text] for text in texts]], names, threshold)

    def _head(self, options: ClassifyOptions) -> SequenceModel:
        return self._models.get(
            options.model, default=models.CLASSIFIER, capability="classify", field=f"{options.field}.model"
        )


def _classification(probabilities: Floats, names: Sequence[str], top_k: int, threshold: float) -> Classification:
    best = np.argsort(-probabilities, kind="stable")[:top_k]
    labels = tuple(Label(int(index), names[index], float(probabilities[index])) for index in best)
    return Classification(labels, bool(probabilities.max() < threshold))
