"""Explain: what each token contributes to a score, by leaving it out.

Occlusion, as Zeiler and Fergus (2014) did with pictures and Li, Monroe and Jurafsky (2016, "Understanding Neural
Networks through Representation Erasure") with text. All the shortened texts go through Triton in common batches.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sensorium_core.call import Stage
from sensorium_core.errors import InvalidInputError
from sensorium_core.limits import BoundedExecutor
from sensorium_text.analysis import Analysis
from sensorium_text.classification import Classifier
from sensorium_text.domain import ClassifyOptions, Explanation, Floats, RankOptions, Span, TokenContribution
from sensorium_text.language import LanguageDetector
from sensorium_text.models import MULTILINGUAL_EMBEDDER
from sensorium_text.ranking import Ranker
from sensorium_text.words import words

_MOST_TOKENS = 256


class Explainer:
    """Explains classes and rankings."""

    def __init__(
        self, classifier: Classifier, ranker: Ranker, detector: LanguageDetector, work: BoundedExecutor
    ) -> None:
        self._classifier = classifier
        self._ranker = ranker
        self._detector = detector
        self._work = work

    async def classification(self, text: str, options: ClassifyOptions, label: str) -> Explanation:
        """What each token contributes to the probability of a class; an empty `label` stands for the best one.

        Raises:
            InvalidInputError: LABEL_UNKNOWN.
        """
        spans = await self._tokens(text)
        options = await self._classifier.settled(options, text)
        scores = await self._classifier.scores([text, *_occluded(text, spans)], options)
        if label and label not in scores.names:
            problem = f"no such class; there are: {', '.join(scores.names)}"
            raise InvalidInputError.field("classification.label", problem, reason="LABEL_UNKNOWN")
        chosen = list(scores.names).index(label) if label else int(np.argmax(scores.probabilities[0]))
        return _explanation(scores.names[chosen], scores.probabilities[:, chosen], spans)

    async def ranking(self, query: str, document: str, options: RankOptions) -> Explanation:
        """What each token of a document contributes to its score for a query.

        Where no model is named, the multilingual embedder alone reads the hundreds of shortened documents: the English
        one, a transformer, takes six times as long for 1,000 characters.
        """
        options = replace(options, model=options.model or MULTILINGUAL_EMBEDDER)
        spans = await self._tokens(document)
        scores = await self._ranker.scores(query, [document, *_occluded(document, spans)], options)
        return _explanation("", scores, spans)

    async def _tokens(self, text: str) -> list[Span]:
        language = await Analysis(text, "", self._detector, self._work).language()
        found = await self._work.run(Stage.PREPROCESS, words, text, language)
        return [word.span for word in found[:_MOST_TOKENS]]


def _occluded(text: str, spans: Sequence[Span]) -> list[str]:
    """The text without each of the tokens; where nothing would be left, a space, which says nothing."""
    return [text[: span.begin] + text[span.end :] or " " for span in spans]


def _explanation(label: str, scores: Floats, spans: Sequence[Span]) -> Explanation:
    whole = float(scores[0])
    contributions = (
        TokenContribution(span, whole - float(score)) for span, score in zip(spans, scores[1:], strict=True)
    )
    return Explanation(label, whole, tuple(contributions))
