"""Stands for the embedder, so that tests say what texts mean."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import numpy as np

from sensorium_core.errors import NotFoundError
from sensorium_text.domain import Embedding, EmbedOptions
from sensorium_text.embedding import Embedder
from sensorium_text.models import ENGLISH_EMBEDDER, MULTILINGUAL_EMBEDDER


class ToldEmbedder:
    """Gives each text the vector it was told, any other one the last axis; knows the default and the English model.

    Args:
        meanings: a direction for each text, of any length.
        dimensions: of the vectors.
        english: what the English model sees in texts, where it is something else.
    """

    def __init__(
        self,
        meanings: Mapping[str, Sequence[float]],
        dimensions: int = 4,
        english: Mapping[str, Sequence[float]] | None = None,
    ) -> None:
        self._meanings = meanings
        self._english = english or {}
        self._dimensions = dimensions
        self.texts: list[str] = []
        self.english_texts: list[str] = []

    def check(self, options: EmbedOptions) -> None:
        if options.model not in {"", MULTILINGUAL_EMBEDDER, ENGLISH_EMBEDDER}:
            raise NotFoundError(f"{options.field}.model", reason="MODEL_NOT_FOUND")

    async def embed(self, texts: Sequence[str], options: EmbedOptions) -> list[Embedding]:
        self.check(options)
        by_english = options.model == ENGLISH_EMBEDDER
        (self.english_texts if by_english else self.texts).extend(texts)
        return [self._embedding(text, self._english if by_english else {}) for text in texts]

    def _embedding(self, text: str, instead: Mapping[str, Sequence[float]]) -> Embedding:
        vector = np.zeros(self._dimensions, np.float32)
        nothing = (0.0,) * (self._dimensions - 1) + (1.0,)
        meaning = instead.get(text) or self._meanings.get(text, nothing)
        vector[: len(meaning)] = meaning
        return Embedding(vector / np.linalg.norm(vector), len(text.split()), truncated=False)


def told(
    meanings: Mapping[str, Sequence[float]],
    dimensions: int = 4,
    english: Mapping[str, Sequence[float]] | None = None,
) -> tuple[Embedder, ToldEmbedder]:
    """The stand-in as what takes an embedder sees it, and as itself."""
    embedder = ToldEmbedder(meanings, dimensions, english)
    return cast(Embedder, embedder), embedder


def recorded() -> Embedder:
    """Gives the sentences of `pairs` and `reports` the embeddings of use_multilingual's own engine, `float16[512]`."""
    with np.load(Path(__file__).parent / "recorded.npz") as file:
        meanings = dict(zip(file["texts"].tolist(), file["embeddings"].astype(np.float32).tolist(), strict=True))
    return cast(Embedder, RecordedEmbedder(meanings, 512))


class RecordedEmbedder(ToldEmbedder):
    """Knows only what was recorded."""

    async def embed(self, texts: Sequence[str], options: EmbedOptions) -> list[Embedding]:
        missing = [text for text in texts if text not in self._meanings]
        assert not missing, f"record these anew: {missing}"
        return await super().embed(texts, options)
