"""What each token contributes to a score."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from sensorium_core.limits import BoundedExecutor
from sensorium_text.classification._classifier import ClassScores
from sensorium_text.domain import ClassifyOptions, Embedding, EmbedOptions, RankOptions
from sensorium_text.embedding import Embedder
from sensorium_text.explaining import Explainer
from sensorium_text.language import LanguageDetector
from sensorium_text.models import ENGLISH_EMBEDDER, MULTILINGUAL_EMBEDDER
from sensorium_text.ranking import Ranker
from services.text.embedders import told

QUERY, DOCUMENT = "the pump is leaking oil", "fluid drips from the machine"


def explainer(embedder: Embedder, work: BoundedExecutor) -> Explainer:
    detector = LanguageDetector()
    no_classifier = cast(Any, None)  # rankings need none
    return Explainer(no_classifier, Ranker(embedder, detector, work), detector, work)


class Lengths:
    """A classifier that scores texts by their lengths, and notes which options it was asked with."""

    def __init__(self) -> None:
        self.asked: list[ClassifyOptions] = []

    async def settled(self, options: ClassifyOptions, text: str) -> ClassifyOptions:
        return replace(options, model=f"of {text}")

    async def scores(self, texts: Sequence[str], options: ClassifyOptions) -> ClassScores:
        self.asked.append(options)
        return ClassScores(np.array([[len(text) / 10] for text in texts], np.float32), ["length"], 0.0)


async def test_a_class_is_explained_by_the_model_of_the_whole_text(work: BoundedExecutor) -> None:
    classifier, detector = Lengths(), LanguageDetector()
    no_ranker = cast(Any, None)
    explainer = Explainer(cast(Any, classifier), no_ranker, detector, work)
    found = await explainer.classification("oil 油", ClassifyOptions("", "options", None, 5, None), "")
    assert [options.model for options in classifier.asked] == ["of oil 油"]
    assert [each.contribution for each in found.contributions] == pytest.approx([0.3, 0.1])


def options(model: str = "") -> RankOptions:
    return RankOptions(model, "options", 0, 0.0)


@pytest.mark.parametrize("model", ["", MULTILINGUAL_EMBEDDER])
async def test_a_ranking_is_explained_by_the_multilingual_embedder_alone(work: BoundedExecutor, model: str) -> None:
    meanings = {QUERY: (1.0, 0), DOCUMENT: (0.8, 0.6), "fluid  from the machine": (0.6, 0.8)}
    embedder, seen = told(meanings, english={QUERY: (1.0,), DOCUMENT: (1.0,)})
    found = await explainer(embedder, work).ranking(QUERY, DOCUMENT, options(model))
    assert found.score == pytest.approx(0.8)
    contributions = {each.span.of(DOCUMENT): each.contribution for each in found.contributions}
    assert list(contributions) == DOCUMENT.split()
    assert contributions["drips"] == pytest.approx(0.2)
    assert seen.english_texts == []
    assert len(seen.texts) == 2 + 5


async def test_a_ranking_is_explained_by_the_model_that_is_named(work: BoundedExecutor) -> None:
    embedder, seen = told({}, english={QUERY: (1.0,), DOCUMENT: (1.0,)})
    found = await explainer(embedder, work).ranking(QUERY, DOCUMENT, options(ENGLISH_EMBEDDER))
    assert found.score == pytest.approx(1)
    assert seen.texts == []


class Stuck:
    """An embedder that never answers, and notes when it is told to stop."""

    def __init__(self) -> None:
        self.asked, self.stopped = asyncio.Event(), False

    async def embed(self, texts: Sequence[str], options: EmbedOptions) -> list[Embedding]:
        self.asked.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.stopped = True
        raise AssertionError("nobody answers")


async def test_a_caller_who_leaves_ends_the_explaining(work: BoundedExecutor) -> None:
    stuck = Stuck()
    explaining = asyncio.create_task(explainer(cast(Any, stuck), work).ranking(QUERY, DOCUMENT, options()))
    await stuck.asked.wait()
    explaining.cancel()
    with pytest.raises(asyncio.CancelledError):
        await explaining
    assert stuck.stopped
