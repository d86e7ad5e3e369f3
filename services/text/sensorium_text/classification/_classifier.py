"""Texts to classes, by a trained head or by the labels of the request."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sensorium_text import models
from sensorium_text.analysis import Analysis
from sensorium_text.classification._label_sets import LabelSetClassifier, unknown_threshold
from sensorium_text.domain import Classification, ClassifyOptions, Floats, Label, LabelSet
from sensorium_text.models import TextModels
from sensorium_text.sequences import SequenceModel


@dataclass(frozen=True, eq=False)
class ClassScores:
    """Probabilities of texts: `float32[N,C]`, each row of sum 1 or less; names of the classes; where unknown begins."""

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
        return _classifications(await self.scores(texts, options), options)

    async def classify_analysed(self, analysis: Analysis, options: ClassifyOptions) -> Classification:
        """The labels of a text that other features look at, too."""
        if options.label_set is None:
            head = self._head(options)
            (row,) = await head.run([(await analysis.encoding(head)).ids])
            scores = _of_head(head, row[np.newaxis])
        else:
            found = await self._label_sets.probabilities_analysed(analysis, options.label_set, _path(options))
            scores = _of_label_set(options.label_set, found)
        return _classifications(scores, options)[0]

    async def scores(self, texts: Sequence[str], options: ClassifyOptions) -> ClassScores:
        """The probability of every class for each text; equal texts are computed once."""
        distinct = list(dict.fromkeys(texts))
        places = {text: place for place, text in enumerate(distinct)}
        rows = [places[text] for text in texts]
        if options.label_set is None:
            head = self._head(options)
            encodings = await head.encode(distinct)
            found = np.stack(await head.run([encoding.ids for encoding in encodings]))
            return _of_head(head, found if len(distinct) == len(texts) else found[rows])
        found = await self._label_sets.probabilities(distinct, options.label_set, _path(options))
        return _of_label_set(options.label_set, found[rows])

    async def settled(self, options: ClassifyOptions, text: str) -> ClassifyOptions:
        """The options with a label set's model named: variants of a text are then read by the model of the text."""
        if options.label_set is None:
            return options
        model = await self._label_sets.model(options.label_set, text)
        return replace(options, label_set=replace(options.label_set, model=model))

    def _head(self, options: ClassifyOptions) -> SequenceModel:
        return self._models.get(
            options.model, default=models.CLASSIFIER, capability="classify", field=f"{options.field}.model"
        )


def _of_head(head: SequenceModel, probabilities: Floats) -> ClassScores:
    return ClassScores(probabilities, head.labels, float(head.parameters.get("unknown_threshold", "0")))


def _path(options: ClassifyOptions) -> str:
    return f"{options.field}.label_set"


def _of_label_set(label_set: LabelSet, probabilities: Floats) -> ClassScores:
    names = [label.name for label in label_set.labels]
    return ClassScores(probabilities, names, unknown_threshold(label_set))


def _classifications(scores: ClassScores, options: ClassifyOptions) -> list[Classification]:
    given = options.unknown_threshold
    threshold = scores.unknown_threshold if given is None else given
    return [_classification(row, scores.names, options.top_k, threshold) for row in scores.probabilities]


def _classification(probabilities: Floats, names: Sequence[str], top_k: int, threshold: float) -> Classification:
    best = np.argsort(-probabilities, kind="stable")[:top_k]
    labels = tuple(Label(int(index), names[index], float(probabilities[index])) for index in best)
    return Classification(labels, bool(probabilities[best[0]] < threshold))
