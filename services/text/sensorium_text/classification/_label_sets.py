"""Classes that a request defines by a few examples or a description each: what they mean and how they are written."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import re2
from cachetools import LRUCache

from sensorium_core.call import Stage
from sensorium_core.fewshot import FewShotClassifier, describe, fit, nearest
from sensorium_core.limits import BoundedExecutor
from sensorium_text import models
from sensorium_text.analysis import Analysis
from sensorium_text.classification._outliers import Familiarity, familiar_by_description, familiar_by_examples
from sensorium_text.domain import Embedding, EmbedOptions, Floats, LabelDefinition, LabelSet
from sensorium_text.embedding import Embedder, matrix
from sensorium_text.language import LanguageDetector

# The best calibrated of 0.03 to 0.2 for classes described in a few words, on work orders and with two embedders.
_DESCRIPTION_TEMPERATURE = 0.1
# A text is unknown when its best class is not this far on the way from chance to certainty.
_UNKNOWN_BELOW = 0.25
_MOST_KEPT = 64


# Letters of other scripts than Latin; single Greek ones are symbols, as in kΩ.
_BEYOND_LATIN = re2.compile(r"[^\P{L}\p{Latin}\p{Common}\p{Greek}]|\p{Greek}{2}")


@dataclass(frozen=True, eq=False)
class _Learned:
    """Tells the classes apart, and whether any of them fits."""

    classifier: FewShotClassifier
    familiarity: Familiarity

    def probabilities(self, texts: Sequence[str], embeddings: Floats) -> Floats:
        """Of the classes, `float32[N,C]`; each row adds up to the probability that any of them fits."""
        result: Floats = self.classifier.probabilities(describe(texts, embeddings))
        return result * self.familiarity.probabilities(embeddings)[:, np.newaxis]


class LabelSetClassifier:
    """Learns the classes of label sets and applies them; those used last are kept.

    Args:
        embedder: of texts, examples and descriptions.
        detector: tells whether label sets are English.
        work: where learning runs.
        kept: how many label sets are kept, each as weights of up to 64 classes.
    """

    def __init__(
        self, embedder: Embedder, detector: LanguageDetector, work: BoundedExecutor, kept: int = _MOST_KEPT
    ) -> None:
        self._embedder = embedder
        self._detector = detector
        self._work = work
        self._kept: LRUCache[bytes, _Learned] = LRUCache(kept)

    def check(self, label_set: LabelSet, field: str) -> None:
        """Refuses a label set that names a model this service does not have.

        Raises:
            NotFoundError: MODEL_NOT_FOUND.
        """
        self._embedder.check(EmbedOptions(label_set.model, field))

    async def probabilities(self, texts: Sequence[str], label_set: LabelSet, field: str) -> Floats:
        """The classes' probabilities for each text, `float32[N,C]`; rows add up to that of any of them fitting.

        Each text is read by the model that it would be read by alone.
        """
        self.check(label_set, field)
        names = await self._models(label_set, texts)
        found = np.empty((len(texts), len(label_set.labels)), np.float32)
        for name in sorted(set(names)):
            places = [place for place, each in enumerate(names) if each == name]
            chosen, options = [texts[place] for place in places], EmbedOptions(name, field)
            learned = await self._learned(label_set, options)
            found[places] = await self._applied(learned, chosen, await self._embedder.embed(chosen, options))
        return found

    async def probabilities_analysed(self, analysis: Analysis, label_set: LabelSet, field: str) -> Floats:
        """As `probabilities`, for one text that other features look at, too: `float32[1,C]`."""
        self.check(label_set, field)
        options = EmbedOptions(await self.model(label_set, analysis.text), field)
        learned = await self._learned(label_set, options)
        embedding = await self._embedder.embed_analysed(analysis, options)
        return await self._applied(learned, [analysis.text], [embedding])

    async def model(self, label_set: LabelSet, text: str) -> str:
        """The name of the model that reads a text: the one that the label set names, or the default."""
        (name,) = await self._models(label_set, [text])
        return name

    async def _models(self, label_set: LabelSet, texts: Sequence[str]) -> list[str]:
        if label_set.model:
            return [label_set.model] * len(texts)
        return await self._work.run(Stage.PREPROCESS, self._default_models, label_set, texts)

    def _default_models(self, label_set: LabelSet, texts: Sequence[str]) -> list[str]:
        """The English embedder for Latin letters where the labels are English; it knows no other script."""
        written = "\n".join(_prototypes(label_set))
        english = not _BEYOND_LATIN.search(written) and self._detector.detect(written, 1)[0].code == "en"
        return [
            models.ENGLISH_EMBEDDER if english and not _BEYOND_LATIN.search(text) else models.MULTILINGUAL_EMBEDDER
            for text in texts
        ]

    async def _applied(self, learned: _Learned, texts: Sequence[str], embeddings: Sequence[Embedding]) -> Floats:
        return await self._work.run(Stage.POSTPROCESS, learned.probabilities, texts, matrix(embeddings))

    async def _learned(self, label_set: LabelSet, options: EmbedOptions) -> _Learned:
        key = _digest(label_set, options.model)
        found = self._kept.get(key)
        if found is None:
            embeddings = matrix(await self._embedder.embed(_prototypes(label_set), options))
            found = await self._work.run(Stage.POSTPROCESS, _learn, label_set, embeddings)
            self._kept[key] = found
        return found


def unknown_threshold(label_set: LabelSet) -> float:
    """The best score under which a text is unknown."""
    count = len(label_set.labels)
    return (1 + _UNKNOWN_BELOW * (count - 1)) / count


def _learn(label_set: LabelSet, embeddings: Floats) -> _Learned:
    counts = [len(label.examples) for label in label_set.labels]
    described = describe(_prototypes(label_set), embeddings)
    if not any(counts):
        return _Learned(nearest(described, _DESCRIPTION_TEMPERATURE), familiar_by_description(embeddings))
    classes = np.repeat(np.arange(len(counts)), counts)
    return _Learned(fit(described, classes, len(counts)), familiar_by_examples(embeddings, classes, len(counts)))


def _prototypes(label_set: LabelSet) -> list[str]:
    """The texts that the classes are learned from, class by class."""
    return [text for label in label_set.labels for text in label.examples or (_description(label),)]


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
