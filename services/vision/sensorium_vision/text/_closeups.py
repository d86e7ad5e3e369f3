"""A second, closer look at where a large picture has text. Pure functions.

A photograph of 4000 x 3000 pixels is searched at a quarter of its size, where a nameplate is a smudge: found, but
with its border taken for part of the line. Looking again at just that part at full resolution costs little.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sensorium_vision.domain import Pixels
from sensorium_vision.text._detection import Box, area_size

# A closer look must show text at least so much larger, and works on at most so many pixels.
_LEAST_GAIN = 1.3
_MOST_PIXELS = 1_600_000
_MOST_CLOSE_UPS = 16
_MARGIN = 0.5  # of a line's height, so that all of it is seen

Rectangle = tuple[int, int, int, int]


@dataclass(frozen=True)
class CloseUp:
    """A part of the picture to search again.

    Attributes:
        left, top, right, bottom: in pixels of the picture.
        size: width and height at which it is searched.
        boxes: what the first look found in it, kept where the second finds nothing.
    """

    left: int
    top: int
    right: int
    bottom: int
    size: tuple[int, int]
    boxes: tuple[Box, ...]

    def cut(self, pixels: Pixels) -> Pixels:
        """The part of `uint8[H,W,3]`."""
        return pixels[self.top : self.bottom, self.left : self.right]

    def in_picture(self, boxes: Sequence[Box]) -> list[Box]:
        """Boxes of the part as boxes of the picture."""
        offset = np.array([self.left, self.top], np.float32)
        return [Box(box.corners + offset) for box in boxes]


def close_ups(boxes: Sequence[Box], width: int, height: int, scale: float) -> tuple[list[CloseUp], list[Box]]:
    """What deserves a closer look, and the boxes that stay as they are.

    Args:
        boxes: of the first look.
        width, height: of the picture.
        scale: of the first look, working size to picture.
    """
    parts = _merged([_surroundings(box, width, height) for box in boxes])
    found: list[CloseUp] = []
    for left, top, right, bottom in sorted(parts, key=_area, reverse=True)[:_MOST_CLOSE_UPS]:
        size = area_size(right - left, bottom - top, _MOST_PIXELS)
        inside = tuple(box for box in boxes if _holds((left, top, right, bottom), box))
        if size[0] >= _LEAST_GAIN * scale * (right - left):
            found.append(CloseUp(left, top, right, bottom, size, inside))
    looked_at = {id(box) for part in found for box in part.boxes}
    return found, [box for box in boxes if id(box) not in looked_at]


def _surroundings(box: Box, width: int, height: int) -> Rectangle:
    low, high = box.corners.min(axis=0), box.corners.max(axis=0)
    margin = _MARGIN * float((high - low).min()) + 16
    left, top = np.maximum(low - margin, 0).astype(int)
    right, bottom = np.minimum(np.ceil(high + margin), [width, height]).astype(int)
    return int(left), int(top), int(right), int(bottom)


def _merged(rectangles: list[Rectangle]) -> list[Rectangle]:
    """Rectangles of which none overlap: those that do are replaced by what encloses them."""
    merged: list[Rectangle] = []
    for rectangle in rectangles:
        grown = rectangle
        while overlapping := [other for other in merged if _overlap(grown, other)]:
            merged = [other for other in merged if other not in overlapping]
            grown = _enclosing([grown, *overlapping])
        merged.append(grown)
    return merged


def _overlap(a: Rectangle, b: Rectangle) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _enclosing(rectangles: Sequence[Rectangle]) -> Rectangle:
    left, top, right, bottom = zip(*rectangles, strict=True)
    return min(left), min(top), max(right), max(bottom)


def _area(rectangle: Rectangle) -> int:
    return (rectangle[2] - rectangle[0]) * (rectangle[3] - rectangle[1])


def _holds(rectangle: Rectangle, box: Box) -> bool:
    x, y = box.corners.mean(axis=0)
    return bool(rectangle[0] <= x < rectangle[2] and rectangle[1] <= y < rectangle[3])
