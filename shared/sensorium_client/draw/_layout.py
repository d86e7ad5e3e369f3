"""Finds places for captions: inside the picture, beside what they belong to, and on nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

_STRAIGHT = 1.0  # degrees; what is turned by less gets upright captions, which are sharper


class Place(NamedTuple):
    """A rectangle on the canvas, in pixels."""

    x: float
    """Of the corner that is upper left where nothing is turned."""
    y: float
    width: int
    height: int
    slant: float = 0.0
    """Degrees clockwise, about that corner."""

    @property
    def matrix(self) -> npt.NDArray[np.float64]:
        """From the rectangle's own pixels to those of the canvas, `float64[2,3]`."""
        return np.hstack([_turn(self.slant), [[self.x], [self.y]]])

    @property
    def corners(self) -> npt.NDArray[np.float64]:
        """`float64[4,2]`, clockwise from the upper left."""
        right, bottom = self.width, self.height
        own = np.array([(0, 0, 1), (right, 0, 1), (right, bottom, 1), (0, bottom, 1)])
        return np.asarray(own @ self.matrix.T)


class Layout:
    """What is taken on a canvas, and where there is room."""

    def __init__(self, width: int, height: int, outlines: Sequence[npt.NDArray[Any]], stroke: int = 1) -> None:
        """Start with the outlines, each `float32[N,2]` and drawn `stroke` pixels wide."""
        self._taken = np.zeros((height, width), np.uint8)
        for outline in outlines:
            points = [np.round(outline).astype(np.int32)]
            cv2.fillPoly(self._taken, points, (1,))
            cv2.polylines(self._taken, points, True, (1,), stroke)

    def take(self, candidates: Iterable[Place]) -> Place | None:
        """Take the first candidate that is free; if none is, the first that is free once shifted into the picture."""
        places = list(candidates)
        for place in [*places, *map(self.shifted_inside, places)]:
            if self._is_free(place):
                cv2.fillConvexPoly(self._taken, np.round(place.corners).astype(np.int32), (1,))
                return place
        return None

    def take_corner(self, width: int, height: int, margin: int) -> Place | None:
        """A place in a corner, the upper left if it is free, or anywhere if every corner is taken; None if all is."""
        right, bottom = self._taken.shape[1] - width - margin, self._taken.shape[0] - height - margin
        corners = [(margin, margin), (right, margin), (margin, bottom), (right, bottom)]
        columns, rows = np.linspace(margin, right, 9, dtype=int), np.linspace(margin, bottom, 9, dtype=int)
        elsewhere = [(int(x), int(y)) for y in rows for x in columns]
        return self.take(Place(x, y, width, height) for x, y in corners + elsewhere)

    def shifted_inside(self, place: Place) -> Place:
        """The place, moved as little as brings it into the picture."""
        low, high = place.corners.min(axis=0), place.corners.max(axis=0)
        room = np.array(self._taken.shape[::-1])
        x, y = np.maximum(np.minimum(0, room - high), -low)
        return place._replace(x=place.x + float(x), y=place.y + float(y))

    def _is_free(self, place: Place) -> bool:
        corners = np.round(place.corners).astype(np.int32)
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        if left < 0 or top < 0 or right > self._taken.shape[1] or bottom > self._taken.shape[0]:
            return False
        covered = np.zeros((bottom - top, right - left), np.uint8)
        cv2.fillConvexPoly(covered, corners - (left, top), (1,))
        return not (self._taken[top:bottom, left:right] & covered).any()


def slant(corners: npt.NDArray[Any]) -> float:
    """By how much the sides nearest to the horizontal are turned, in degrees clockwise from -45 to 45."""
    if len(corners) != 4:
        return 0.0
    x, y = corners[1] - corners[0] + corners[2] - corners[3]
    angle = float(np.degrees(np.arctan2(y, x)) + 45) % 90 - 45
    return angle if abs(angle) >= _STRAIGHT else 0.0


def above_or_below(corners: npt.NDArray[Any], size: tuple[int, int], gap: int, turned: float) -> Iterator[Place]:
    """Places for a tile of this width and height along an outline, those at its start first."""
    left, top, right, bottom = _extent(corners, turned)
    for part, y in product((0, 1, 0.5, 0.25, 0.75), (top - size[1] - gap, bottom + gap)):
        yield _place(left + (right - left - size[0]) * part, y, size, turned)


def beside(corners: npt.NDArray[Any], size: tuple[int, int], gap: int, turned: float) -> Iterator[Place]:
    """Places for a tile of this width and height on the right and on the left of an outline."""
    left, top, right, bottom = _extent(corners, turned)
    for part, x in product((0.5, 0, 1), (right + gap, left - size[0] - gap)):
        yield _place(x, top + (bottom - top - size[1]) * part, size, turned)


def at_start(corners: npt.NDArray[Any], size: tuple[int, int], turned: float) -> Place:
    """The place for a tile of this width and height inside an outline, at its left end."""
    left, top, _, bottom = _extent(corners, turned)
    return _place(left, top + (bottom - top - size[1]) / 2, size, turned)


def line_height(corners: npt.NDArray[Any]) -> float:
    """Mean length of the two sides that stand upright when the line is read, in pixels; 0 without four corners."""
    if len(corners) != 4:
        return 0.0
    sides = np.linalg.norm(corners[[0, 1]] - corners[[3, 2]], axis=1)
    return float(sides.mean())


def _extent(corners: npt.NDArray[Any], turned: float) -> tuple[float, ...]:
    """Left, top, right and bottom of the corners, turned back."""
    own = corners @ _turn(turned)
    return tuple(float(value) for value in (*own.min(axis=0), *own.max(axis=0)))


def _place(x: float, y: float, size: tuple[int, int], turned: float) -> Place:
    if not turned:
        return Place(round(x), round(y), *size)  # whole pixels keep upright tiles sharp
    x, y = (float(value) for value in _turn(turned) @ (x, y))
    return Place(x, y, *size, turned)


def _turn(degrees: float) -> npt.NDArray[np.float64]:
    angle = np.radians(degrees)
    return np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
