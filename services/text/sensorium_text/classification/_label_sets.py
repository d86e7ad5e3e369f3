"""Classes that a request defines by a few examples or a description each: what they mean and how they are written."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from cachetools import LRUCache

from sensorium_core.call import Stage
from sensorium_core.fewshot import FewShotClassifier, describe, fit, nearest
from sensorium_core.limits import BoundedExecutor
from sensorium_text import models
from sensorium_text.analysis import Analysis
from sensorium_text.domain import Embedding, EmbedOptions, Floats, LabelDefinition, LabelSet
from sensorium_text.embedding import Embedder, matrix
from sensorium_text.language import LanguageDetector

# The best calibrated of 0.03 to 0.2 for classes described in a few words, on work orders and with two embedders.
_DESCRIPTION_TEMPERATURE = 0.1
# A text is unknown when its best class is not this far on the way from chance to certainty.
_UNKNOWN_BELOW = 0.25
_MOST_CLASSIFIERS = 64


@dataclass(frozen=True, eq=False)
class _Learned:
    classifier: FewShotClassifier
    options: EmbedOptions
    unknown_threshold: float


class LabelSetClassifier:
    """Learns the classes of label sets and applies them; those used last are kept.

    Args:
        embedder: of texts, examples and descriptions.
        detector: tells whether all of them are English.
        work: where learning runs.
        kept: how many label sets are kept, each as weights of up to 64 classes.
    """

    def __init__(
        self, embedder: Embedder, detector: LanguageDetector, work: BoundedExecutor, kept: int = _MOST_CLASSIFIERS
    ) -> None:
        self._embedder = embedder
        self._detector = detector
        self._work = work
        self._classifiers: LRUCache[bytes, FewShotClassifier] = LRUCache(kept)

    def check(self, label_set: LabelSet, field: str) -> None:
        """Refuses a label set that names a model this service does not have.

        Raises:
            NotFoundError: MODEL_NOT_FOUND.
        """
        self._embedder.check(EmbedOptions(label_set.model, field))

    async def probabilities(self, texts: Sequence[str], label_set: LabelSet, field: str) -> tuple[Floats, float]:
        """The classes' probabilities for each text, `float32[N,C]`, and the one under which a text is unknown."""
        learned = await self._learned(texts, label_set, field)
        return await self._applied(learned, texts, await self._embedder.embed(texts, learned.options))

    async def probabilities_analysed(self, analysis: Analysis, label_set: LabelSet, field: str) -> tuple[Floats, float]:
        """As `probabilities`, for one text that other features look at, too: `float32[1,C]`."""
        learned = await self._learned([analysis.text], label_set, field)
        embedding = await self._embedder.embed_analysed(analysis, learned.options)
        return await self._applied(learned, [analysis.text], [embedding])

    async def _learned(self, texts: Sequence[str], label_set: LabelSet, field: str) -> _Learned:
        self.check(label_set, field)
        prototypes = [text for label in label_set.labels for text in label.examples or (_description(label),)]
        name = label_set.model or await self._work.run(Stage.PREPROCESS, self._default_model, [*prototypes, *texts])
        options = EmbedOptions(name, field)
        count = len(label_set.labels)
        threshold = (1 + _UNKNOWN_BELOW * (count - 1)) / count
        return _Learned(await self._classifier(label_set, prototypes, options), options, threshold)

    async def _applied(
        self, learned: _Learned, texts: Sequence[str], embeddings: Sequence[Embedding]
    ) -> tuple[Floats, float]:
        classifier = learned.classifier
        probabilities = await self._work.run(Stage.POSTPROCESS, _apply, classifier, texts, matrix(embeddings))
        return probabilities, learned.unknown_threshold

    async def _classifier(
        self, label_set: LabelSet, prototypes: Sequence[str], options: EmbedOptions
    ) -> FewShotClassifier:
        key = _digest(label_set, options.model)
        found = self._classifiers.get(key)
        if found is None:
            embeddings = matrix(await self._embedder.embed(prototypes, options))
            found = await self._work.run(Stage.POSTPROCESS, _learn, label_set, prototypes, embeddings)
            self._classifiers[key] = found
        return found

    def _default_model(self, texts: Sequence[str]) -> str:
        english = self._detector.detect("\n".join(texts), 1)[0].code == "en"
        return models.ENGLISH_EMBEDDER if english else models.MULTILINGUAL_EMBEDDER


def _apply(classifier: FewShotClassifier, texts: Sequence[str], embeddings: Floats) -> Floats:
    return classifier.probabilities(describe(texts, embeddings))


def _learn(label_set: LabelSet, prototypes: Sequence[str], embeddings: Floats) -> FewShotClassifier:
    counts = [len(label.examples) for label in label_set.labels]
    described = describe(prototypes, embeddings)
    if not any(counts):
        return nearest(described, _DESCRIPTION_TEMPERATURE)
    return fit(described, np.repeat(np.arange(len(counts)), counts), len(counts))


def _description(label: LabelDefinition) -> str:
    return f"{label.name}: {label.description}" if label.description else label.name


def _digest(label_set: LabelSet, model: str) -> bytes:
    total = hashlib.sha256()
    for text in (
        model,
        *(text for label in label_set.labels for text in (label.name, label.description, *label.examples, "")),
    ):
        total.update(hashlib.sha256(text.encode()).digest())
    return total.digest()
