"""What the decoder finds by itself and what the network finds, put together."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sensorium_core.call import Stage
from sensorium_core.concurrency import together
from sensorium_core.limits import BoundedExecutor
from sensorium_core.triton import ModelCatalog, ServedModel
from sensorium_vision import models
from sensorium_vision.codes._decoding import decode_detection, decode_picture, in_order, overlap, unreadable
from sensorium_vision.codes._detection import FILL, SIDE, Detection, detections
from sensorium_vision.domain import Code, Picture, Pixels, ReadCodesOptions
from sensorium_vision.preprocess import letterbox

# A box of the network and an outline of the decoder stand for one code when they share this part of the smaller.
_SAME_CODE = 0.5


class CodeReader:
    """Reads the codes on pictures."""

    def __init__(self, catalog: ModelCatalog, work: BoundedExecutor) -> None:
        self._catalog = catalog
        self._work = work

    def check(self, options: ReadCodesOptions) -> None:
        """Refuses options that name a model this service does not have.

        Raises:
            NotFoundError: MODEL_NOT_FOUND.
        """
        self._model(options)

    async def read(self, picture: Picture, options: ReadCodesOptions) -> list[Code]:
        """Codes from top to bottom."""
        decoded, found = await together(
            self._work.run(Stage.POSTPROCESS, decode_picture, picture.pixels),
            self._detect(picture.pixels, self._model(options)),
        )
        codes = await self._combined(picture.pixels, decoded, found)
        wanted = (code for code in codes if _is_wanted(code, options))
        offset = np.array(picture.offset, np.float32)
        return in_order([replace(code, polygon=code.polygon + offset) for code in wanted])

    async def _detect(self, pixels: Pixels, model: ServedModel) -> list[Detection]:
        image, scale = await self._work.run(Stage.PREPROCESS, letterbox, pixels, SIDE, FILL)
        out = await model.infer({"image": image})
        height, width = pixels.shape[:2]
        boxes, scores, classes = (out[name][0] for name in ("boxes", "scores", "classes"))
        return detections(boxes, scores, classes, labels=model.description.labels, scale=scale, size=(width, height))

    async def _combined(self, pixels: Pixels, decoded: Sequence[Code], found: Sequence[Detection]) -> list[Code]:
        codes = list(decoded)
        for detection in found:
            outline = unreadable(detection)
            known = next(
                (i for i, code in enumerate(codes) if overlap(code.polygon, outline.polygon) > _SAME_CODE), None
            )
            if known is None:
                # A job of its own for each: a picture full of unreadable codes shares the threads with other requests,
                # and no more of it is tried once its caller has gone.
                code = await self._work.run(Stage.POSTPROCESS, decode_detection, pixels, detection)
                codes.append(code or outline)
            else:
                score = max(codes[known].detection_score, detection.score)
                codes[known] = replace(codes[known], detection_score=score)
        return codes

    def _model(self, options: ReadCodesOptions) -> ServedModel:
        name = models.CODE_DETECTION.name
        return self._catalog.get(options.model, default=name, among=[name], field=f"{options.field}.model")


def _is_wanted(code: Code, options: ReadCodesOptions) -> bool:
    if options.symbologies and code.symbology not in options.symbologies:
        return False
    return code.readable or options.include_unreadable
