"""Boxes of codes from the detection network's output. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from sensorium_vision.domain import Floats, Symbology

SIDE = 640
FILL = 114  # YOLOX was trained with this grey around its pictures
_LEAST_SCORE = 0.3
_MOST_OVERLAP = 0.45

SYMBOLOGY_OF_LABEL = {
    "qr": Symbology.QR_CODE,
    "micro_qr": Symbology.MICRO_QR_CODE,
    "data_matrix": Symbology.DATA_MATRIX,
    "aztec": Symbology.AZTEC,
    "pdf417": Symbology.PDF417,
    "maxicode": Symbology.MAXICODE,
    "code_128": Symbology.CODE_128,
    "code_39": Symbology.CODE_39,
    "code_93": Symbology.CODE_93,
    "codabar": Symbology.CODABAR,
    "ean_13": Symbology.EAN_13,
    "ean_8": Symbology.EAN_8,
    "upc_a": Symbology.UPC_A,
    "upc_e": Symbology.UPC_E,
    "itf": Symbology.ITF,
    "gs1_databar": Symbology.GS1_DATABAR,
    "other_1d": Symbology.OTHER_LINEAR,
}


@dataclass(frozen=True)
class Detection:
    """A box around a code: left, top, right, bottom in pixels of the pixels searched, with score and kind."""

    box: tuple[float, float, float, float]
    score: float
    symbology: Symbology


def detections(
    boxes: Floats,
    scores: Floats,
    classes: npt.NDArray[np.int32],
    *,
    labels: Sequence[str],
    scale: float,
    size: tuple[int, int],
) -> list[Detection]:
    """The boxes that stand for codes, the most certain of each cluster, cut off at the picture's edges.

    Args:
        boxes: `float32[N,4]`, left, top, right, bottom in the network's input.
        scores: `float32[N]`.
        classes: `int32[N]`.
        labels: names of the classes.
        scale: from the picture to the network's input.
        size: width and height of the picture.
    """
    width, height = size
    boxes = np.clip(boxes / np.float32(scale), 0, np.array([width, height, width, height], np.float32))
    rectangles = [(float(x1), float(y1), float(x2 - x1), float(y2 - y1)) for x1, y1, x2, y2 in boxes]
    kept = cv2.dnn.NMSBoxes(rectangles, scores.tolist(), _LEAST_SCORE, _MOST_OVERLAP)
    return [
        Detection(
            tuple(float(edge) for edge in boxes[i]),  # type: ignore[arg-type]  # four edges, always
            float(scores[i]),
            SYMBOLOGY_OF_LABEL.get(labels[classes[i]], Symbology.OTHER_LINEAR),
        )
        for i in np.asarray(kept, int).flatten()
        if boxes[i, 0] < boxes[i, 2] and boxes[i, 1] < boxes[i, 3]  # the network also sees the filling of its square
    ]
