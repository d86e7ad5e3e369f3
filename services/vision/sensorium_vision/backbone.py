"""Classify and Embed: two readings of one network, which runs once when both are wanted."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sensorium_core.batching import ShapeBatcher
from sensorium_core.call import Stage
from sensorium_core.limits import BoundedExecutor
from sensorium_core.triton import ModelCatalog, ServedModel
from sensorium_vision import models
from sensorium_vision.domain import ClassifyOptions, EmbedOptions, Floats, Label, Picture, Pixels
from sensorium_vision.postprocess import normalised, top_labels
from sensorium_vision.preprocess import central_square

_SIDE = 224
# In one request at most: each picture more is one more that the others wait for.
_MOST_PICTURES = 16


class _Question(NamedTuple):
    """What pictures have in common that share a request."""

    model: str
    outputs: tuple[str, ...]


class Backbone:
    """Labels and embeddings of whole pictures.

    Pictures of different calls share requests.
    """

    def __init__(self, catalog: ModelCatalog, work: BoundedExecutor) -> None:
        self._catalog = catalog
        self._work = work
        self._batcher = ShapeBatcher(self._ask, self._largest_batch)

    def check(self, classify: ClassifyOptions | None, embed: EmbedOptions | None) -> None:
        """Refuses options that name a model this service does not have.

        Raises:
            NotFoundError: MODEL_NOT_FOUND.
        """
        for options in (classify, embed):
            if options is not None:
                self._model(options)

    async def run(
        self, picture: Picture, classify: ClassifyOptions | None, embed: EmbedOptions | None
    ) -> tuple[list[Label], Floats | None]:
        """What is asked for of labels and embedding; an empty list and None stand for what is not."""
        options = classify or embed
        assert options is not None
        model = self._model(options)
        outputs = ("probabilities",) * (classify is not None) + ("embedding",) * (embed is not None)
        if picture.pixels.shape[:2] == (_SIDE, _SIDE):  # nothing to do
            image = central_square(picture.pixels, _SIDE)
        else:
            image = await self._work.run(Stage.PREPROCESS, central_square, picture.pixels, _SIDE)
        tensors = await self._batcher.submit(_Question(model.name, outputs), image)
        labels: list[Label] = []
        if classify is not None:
            names = model.description.labels
            labels = top_labels(tensors["probabilities"], names, classify.top_k, classify.min_score)
        return labels, normalised(tensors["embedding"]) if embed is not None else None

    async def _ask(self, question: _Question, images: Sequence[Pixels]) -> Sequence[Mapping[str, Floats]]:
        model = self._catalog[question.model]
        tensors = await model.infer({"image": np.concatenate(images)}, question.outputs)
        return [{name: values[row] for name, values in tensors.items()} for row in range(len(images))]

    def _largest_batch(self, question: _Question) -> int:
        return max(1, min(self._catalog[question.model].description.max_batch, _MOST_PICTURES))

    def _model(self, options: ClassifyOptions | EmbedOptions) -> ServedModel:
        name = models.EFFICIENTNET.name
        return self._catalog.get(options.model, default=name, among=[name], field=f"{options.field}.model")
