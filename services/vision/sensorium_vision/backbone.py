"""Classify and Embed: two readings of one network, which runs once when both are wanted."""

from sensorium_core.call import Stage
from sensorium_core.limits import BoundedExecutor
from sensorium_core.triton import ModelCatalog, ServedModel
from sensorium_vision import models
from sensorium_vision.domain import ClassifyOptions, EmbedOptions, Floats, Label, Picture
from sensorium_vision.postprocess import normalised, top_labels
from sensorium_vision.preprocess import central_square

_SIDE = 224


class Backbone:
    """Labels and embeddings of whole pictures."""

    def __init__(self, catalog: ModelCatalog, work: BoundedExecutor) -> None:
        self._catalog = catalog
        self._work = work

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
        outputs = ["probabilities"] * (classify is not None) + ["embedding"] * (embed is not None)
        if picture.pixels.shape[:2] == (_SIDE, _SIDE):  # nothing to do
            image = central_square(picture.pixels, _SIDE)
        else:
            image = await self._work.run(Stage.PREPROCESS, central_square, picture.pixels, _SIDE)
        tensors = await model.infer({"image": image}, outputs)
        labels: list[Label] = []
        if classify is not None:
            names = model.description.labels
            labels = top_labels(tensors["probabilities"][0], names, classify.top_k, classify.min_score)
        return labels, normalised(tensors["embedding"][0]) if embed is not None else None

    def _model(self, options: ClassifyOptions | EmbedOptions) -> ServedModel:
        name = models.EFFICIENTNET.name
        return self._catalog.get(options.model, default=name, among=[name], field=f"{options.field}.model")
