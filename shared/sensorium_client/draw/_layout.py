"""Finds places for captions: inside the picture, and covering as little as possible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt


class Box(NamedTuple):
    """An upright rectangle in whole pixels."""

    x: int
    y: int
    width: int
    height: int


def box_around(corners: npt.NDArray[Any]) -> Box:
    """The smallest box around some corners, `float32[N,2]`."""
    low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
    return Box(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))


def line_height(corners: npt.NDArray[Any]) -> float:
    """Mean length of the two sides that stand upright when the line is read, in pixels; 0 without four corners."""
    if len(corners) != 4:
        return 0.0
    sides = np.linalg.norm(corners[[0, 1]] - corners[[3, 2]], axis=1)
    return float(sides.mean())


class Layout:
    """What is taken on a canvas, and where there is room."""

    def __init__(self, width: int, height: int, outlines: Sequence[Box]) -> None:
        """Start with the outlines, which captions should leave visible."""
        self._width = width
        self._height = height
        self._outlines = list(outlines)
        self._captions: list[Box] = []

    def beside(self, outline: Box, width: int, height: int, gap: int) -> Box:
        """A place for a caption at an outline: above it if there is room, else below, beside, or on it."""
        right, bottom = outline.x + outline.width, outline.y + outline.height
        above, below = outline.y - height - gap, bottom + gap
        middle = outline.y + (outline.height - height) // 2
        return self._best(
            [
                Box(outline.x, above, width, height),
                Box(outline.x, below, width, height),
                Box(right - width, above, width, height),
                Box(right - width, below, width, height),
                Box(right + gap, middle, width, height),
                Box(outline.x - width - gap, middle, width, height),
                Box(outline.x, outline.y, width, height),
            ]
        )

    def corner_for(self, width: int, height: int, margin: int) -> Box:
        """A place in a corner of the canvas, the upper left if it is free, or elsewhere if every corner is taken."""
        right, bottom = self._width - width - margin, self._height - height - margin
        corners = [(margin, margin), (right, margin), (margin, bottom), (right, bottom)]
        columns, rows = np.linspace(margin, right, 9, dtype=int), np.linspace(margin, bottom, 9, dtype=int)
        elsewhere = [(int(x), int(y)) for y in rows for x in columns]
        return self._best([Box(x, y, width, height) for x, y in corners + elsewhere])

    def _best(self, candidates: Sequence[Box]) -> Box:
        inside = [self._moved_inside(box) for box in candidates]
        best = min(inside, key=self._cost)  # of equals the first
        self._captions.append(best)
        return best

    def _moved_inside(self, box: Box) -> Box:
        x = max(0, min(box.x, self._width - box.width))
        y = max(0, min(box.y, self._height - box.height))
        return Box(x, y, box.width, box.height)

    def _cost(self, box: Box) -> float:
        # two captions on each other are both lost; a covered outline is still seen in part
        return _overlap(box, self._outlines) + 3 * _overlap(box, self._captions)


def _overlap(box: Box, others: Sequence[Box]) -> float:
    """Pixels of `box` that lie on the others."""
    if not others:
        return 0.0
    x, y, width, height = np.array(others).T
    across = np.minimum(x + width, box.x + box.width) - np.maximum(x, box.x)
    down = np.minimum(y + height, box.y + box.height) - np.maximum(y, box.y)
    return float((np.maximum(across, 0) * np.maximum(down, 0)).sum())
