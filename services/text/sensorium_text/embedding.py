"""Embed: texts to vectors."""

from collections.abc import Sequence

import numpy as np

from sensorium_text import models
from sensorium_text.analysis import Analysis
from sensorium_text.domain import Embedding, EmbedOptions, Floats
from sensorium_text.models import TextModels
from sensorium_text.sequences import Encoding, SequenceModel


class Embedder:
    """Turns texts into vectors of length 1 by the model that is asked for."""

    def __init__(self, available: TextModels) -> None:
        self._models = available

    def check(self, options: EmbedOptions) -> None:
        """Refuses options that name a model this service does not have.

        Raises:
            NotFoundError: MODEL_NOT_FOUND.
        """
        self._model(options)

    async def embed(self, texts: Sequence[str], options: EmbedOptions) -> list[Embedding]:
        """The embedding of each text; equal texts are computed once."""
        model = self._model(options)
        distinct = list(dict.fromkeys(texts))
        encodings = await model.encode(distinct)
        found = dict(zip(distinct, await _embeddings(model, encodings), strict=True))
        return [found[text] for text in texts]

    async def embed_analysed(self, analysis: Analysis, options: EmbedOptions) -> Embedding:
        """The embedding of a text that other features look at, too."""
        model = self._model(options)
        return (await _embeddings(model, [await analysis.encoding(model)]))[0]

    def _model(self, options: EmbedOptions) -> SequenceModel:
        return self._models.get(
            options.model, default=models.MULTILINGUAL_EMBEDDER, capability="embed", field=f"{options.field}.model"
        )


async def _embeddings(model: SequenceModel, encodings: Sequence[Encoding]) -> list[Embedding]:
    vectors = await model.run([encoding.ids for encoding in encodings])
    return [
        Embedding(vector, min(len(encoding.ids), model.max_tokens), len(encoding.ids) > model.max_tokens)
        for vector, encoding in zip(vectors, encodings, strict=True)
    ]


def matrix(embeddings: Sequence[Embedding]) -> Floats:
    """Embeddings below each other, `float32[N,D]`."""
    return np.stack([embedding.values for embedding in embeddings])
