"""Where text is: the network's input size, and boxes from its probability map.

After Liao et al. 2020, "Real-time Scene Text Detection with Differentiable Binarization", with thresholds near those
that PP-OCRv6 was published with. Pure functions.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from sensorium_vision.domain import Floats, Pixels
from sensorium_vision.preprocess import resize

_STRIDE = 32  # the network halves its input five times
_AUTOMATIC_LIMIT = 736
_SMALLEST_SIDE = 320  # below, letters get smaller than the network has seen
_PIXEL_THRESHOLD = round(0.3 * 255)
_BOX_THRESHOLD = 0.58 * 255
# A screw or a cup's rim is round like a letter: what is not longer than high must be more certain to be text.
_LEAST_LENGTH = 1.5
_SQUARE_BOX_THRESHOLD = 0.66 * 255
_UNCLIP_RATIO = 1.6
_SMALLEST_EDGE = 3
_MOST_BOXES = 500


@dataclass(frozen=True)
class Box:
    """A quadrilateral around text: `float32[4,2]` in pixels of the picture, clockwise from any corner."""

    corners: Floats


def working_size(width: int, height: int, side_limit: int) -> tuple[int, int]:
    """Width and height, multiples of 32, at which text is searched.

    Args:
        width, height: of the picture.
        side_limit: longest side; 0 chooses by the picture.
    """
    longer = max(width, height)
    limit = side_limit or _AUTOMATIC_LIMIT
    target = min(longer if side_limit else max(longer, _SMALLEST_SIDE), limit)
    scale, most = target / longer, limit // _STRIDE * _STRIDE
    return min(_multiple(width * scale), most), min(_multiple(height * scale), most)


def area_size(width: int, height: int, most_pixels: int) -> tuple[int, int]:
    """Width and height, multiples of 32, as large as the picture but for a bound on their product."""
    scale = min(1.0, (most_pixels / (width * height)) ** 0.5)
    return _multiple(width * scale), _multiple(height * scale)


def detection_tensor(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """The picture at its working size: `uint8[1,h,w,3]`."""
    return resize(pixels, *size)[np.newaxis]


def find_boxes(probability_map: Pixels, width: int, height: int) -> list[Box]:
    """Boxes around text.

    Args:
        probability_map: `uint8[h,w]`, 255 where text is certain.
        width, height: of the picture that the map stands for.
    """
    mask = (probability_map > _PIXEL_THRESHOLD).astype(np.uint8)
    mask = _largest_components(np.asarray(cv2.dilate(mask, np.ones((2, 2), np.uint8)), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    scale = np.array([width / probability_map.shape[1], height / probability_map.shape[0]], np.float32)
    found = (_box(contour, probability_map, scale) for contour in contours)
    return [box for box in found if box is not None]


def _largest_components(mask: Pixels) -> Pixels:
    """The mask without what is too small for a line, and of the rest the largest pieces.

    A picture made for it fills the mask with specks; following the outline of each would take seconds.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    shorter = np.minimum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    candidates = np.flatnonzero(shorter >= _SMALLEST_EDGE)
    candidates = candidates[candidates != 0]  # the background
    largest = candidates[np.argsort(-stats[candidates, cv2.CC_STAT_AREA], kind="stable")[:_MOST_BOXES]]
    kept = np.zeros(count, np.uint8)
    kept[largest] = 1
    return np.asarray(kept[labels], np.uint8)


def _multiple(length: float) -> int:
    return max(_STRIDE, round(length / _STRIDE) * _STRIDE)


def _box(contour: object, probability_map: Pixels, scale: Floats) -> Box | None:
    center, (along, across), angle = cv2.minAreaRect(np.asarray(contour))
    if min(along, across) < _SMALLEST_EDGE:
        return None
    long = max(along, across) >= _LEAST_LENGTH * min(along, across)
    threshold = _BOX_THRESHOLD if long else _SQUARE_BOX_THRESHOLD
    if _mean_inside(probability_map, cv2.boxPoints((center, (along, across), angle))) < threshold:
        return None
    # The network marks the core of a line; growing it by this distance is the paper's "unclip". Of a rectangle that
    # is moved out on all sides the smallest enclosing rectangle is the same one, made larger.
    grow = 2 * along * across * _UNCLIP_RATIO / (2 * (along + across))
    corners = cv2.boxPoints((center, (along + grow, across + grow), angle))
    return Box(np.asarray(corners, np.float32) * scale)


def _mean_inside(probability_map: Pixels, corners: object) -> float:
    points = np.asarray(corners, np.float32)
    limits = np.array(probability_map.shape[::-1]) - 1
    low = np.clip(np.floor(points.min(axis=0)), 0, limits).astype(int)
    high = np.clip(np.ceil(points.max(axis=0)), 0, limits).astype(int)
    part = probability_map[low[1] : high[1] + 1, low[0] : high[0] + 1]
    mask = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(mask, [np.round(points - low).astype(np.int32)], (1,))
    return float(cv2.mean(part, mask)[0])
