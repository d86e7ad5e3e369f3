"""The three networks of ReadText in their order: detection, orientation, recognition."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sensorium_core.batching import ShapeBatcher
from sensorium_core.call import Stage
from sensorium_core.concurrency import together
from sensorium_core.limits import BoundedExecutor
from sensorium_core.triton import ModelCatalog, ServedModel
from sensorium_vision import models
from sensorium_vision.domain import Floats, Picture, Pixels, ReadTextOptions, TextLine
from sensorium_vision.text._closeups import CloseUp, close_ups
from sensorium_vision.text._detection import Box, detection_tensor, find_boxes, working_size
from sensorium_vision.text._layout import Line, affordable, directed_lines, flips, reading_order
from sensorium_vision.text._lines import (
    cut_line,
    decode_ctc,
    orientation_tensor,
    padded,
    upside_down,
    width_bucket,
)

Characters = tuple[tuple[str, float], ...]


class TextReader:
    """Reads the text on pictures."""

    def __init__(self, catalog: ModelCatalog, work: BoundedExecutor) -> None:
        self._catalog = catalog
        self._work = work
        self._lines = ShapeBatcher(self._recognise_bucket, self._largest_batch)

    def check(self, options: ReadTextOptions) -> None:
        """Refuses options that name a model this service does not have.

        Raises:
            NotFoundError: MODEL_NOT_FOUND.
        """
        name = models.TEXT_RECOGNITION.name
        self._catalog.get(options.model, default=name, among=[name], field=f"{options.field}.model")

    async def read(self, picture: Picture, options: ReadTextOptions) -> list[TextLine]:
        """Lines in reading order."""
        boxes = await self._detect(picture, options)
        lines, strips = await self._work.run(Stage.PREPROCESS, _cut, picture, boxes)
        lines, strips = await self._turn_upright(lines, strips)
        readings = await self._recognise(strips)
        return await self._work.run(Stage.POSTPROCESS, _text_lines, picture.size, lines, readings, options)

    async def _detect(self, picture: Picture, options: ReadTextOptions) -> list[Box]:
        height, width = picture.pixels.shape[:2]
        size = working_size(width, height, options.side_limit)
        boxes = await self._search(picture.pixels, size)
        if options.side_limit or size[0] >= width:
            return boxes
        parts, settled = await self._work.run(Stage.POSTPROCESS, close_ups, boxes, width, height, size[0] / width)
        closer = await together(*(self._look_closer(picture, part) for part in parts))
        return [*settled, *(box for boxes in closer for box in boxes)]

    async def _look_closer(self, picture: Picture, part: CloseUp) -> list[Box]:
        found = await self._search(part.cut(picture.pixels), part.size)
        return part.in_picture(found) or list(part.boxes)

    async def _search(self, pixels: Pixels, size: tuple[int, int]) -> list[Box]:
        model = self._model(models.TEXT_DETECTION.name)
        image = await self._work.run(Stage.PREPROCESS, detection_tensor, pixels, size)
        tensors = await model.infer({"image": image})
        height, width = pixels.shape[:2]
        return await self._work.run(Stage.POSTPROCESS, find_boxes, tensors["probability_map"][0], width, height)

    async def _turn_upright(self, lines: list[Line], strips: list[Pixels]) -> tuple[list[Line], list[Pixels]]:
        model = self._model(models.LINE_ORIENTATION.name)
        tensor = await self._work.run(Stage.PREPROCESS, orientation_tensor, strips)
        probabilities = await _in_batches(model, tensor, "probabilities")
        turned = flips(np.array([p[1] for p in probabilities], np.float32), [line.width for line in lines])
        upright_lines = [line.upside_down() if turn else line for line, turn in zip(lines, turned, strict=True)]
        upright = [upside_down(strip) if turn else strip for strip, turn in zip(strips, turned, strict=True)]
        return upright_lines, upright

    async def _recognise(self, strips: Sequence[Pixels]) -> tuple[Characters, ...]:
        return await together(*(self._lines.submit(width_bucket(strip), strip) for strip in strips))

    async def _recognise_bucket(self, width: int, strips: Sequence[Pixels]) -> list[Characters]:
        """The readings of strips of one width, of whichever callers."""
        model = self._model(models.TEXT_RECOGNITION.name)
        image = await self._work.run(Stage.PREPROCESS, padded, strips, width)
        out = await model.infer({"image": image})
        paths = (out["indices"], out["confidences"], out["space_confidences"])
        return await self._work.run(Stage.POSTPROCESS, _decode, *paths, model.description.labels)

    def _model(self, name: str) -> ServedModel:
        return self._catalog.get("", default=name, among=[name], field="")

    def _largest_batch(self, _width: int) -> int:
        return self._model(models.TEXT_RECOGNITION.name).description.max_batch


async def _in_batches(model: ServedModel, tensor: Pixels, output: str) -> list[Floats]:
    step = model.description.max_batch
    parts = [tensor[start : start + step] for start in range(0, len(tensor), step)]
    results = [(await model.infer({"image": part}))[output] for part in parts]
    return [row for result in results for row in result]


def _decode(
    indices: npt.NDArray[np.int32], confidences: Floats, spaces: Floats, alphabet: Sequence[str]
) -> list[Characters]:
    return [decode_ctc(*path, alphabet) for path in zip(indices, confidences, spaces, strict=True)]


def _cut(picture: Picture, boxes: list[Box]) -> tuple[list[Line], list[Pixels]]:
    offset = np.array(picture.offset, np.float32)
    lines = [Line(line.corners + offset) for line in affordable(directed_lines(boxes), picture.pixels.size // 3)]
    return lines, [cut_line(picture.pixels, line, picture.offset) for line in lines]


def _text_lines(
    size: tuple[int, int], lines: list[Line], readings: Sequence[Characters], options: ReadTextOptions
) -> list[TextLine]:
    found = [(line, characters) for line, characters in zip(lines, readings, strict=True) if characters]
    ordered = (found[index] for index in reading_order([line for line, _ in found]))
    results = (_text_line(size, line, characters, options) for line, characters in ordered)
    return [line for line in results if line.confidence >= options.min_confidence]


def _text_line(size: tuple[int, int], line: Line, characters: Characters, options: ReadTextOptions) -> TextLine:
    text = "".join(character for character, _ in characters)
    confidence = float(np.mean([score for _, score in characters]))
    match = options.pattern.search(text) if options.pattern is not None else None
    return TextLine(
        text,
        confidence,
        np.clip(line.corners, 0, np.array(size, np.float32)),
        line.rotation,
        characters,
        matches=None if options.pattern is None else match is not None,
        matched=match.group() if match else "",
    )
