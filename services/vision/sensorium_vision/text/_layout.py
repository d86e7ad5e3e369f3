"""Which way lines run and in which order they are read. Pure functions.

A picture of a plate may be turned any way. Lines that are clearly longer than high tell the direction of the text;
short ones follow them; the line orientation network tells left to right from upside down.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sensorium_vision.domain import Floats
from sensorium_vision.text._detection import Box

_CLEARLY_LONG = 1.5
_CERTAIN = 0.9
# Two lines share a row when their centres differ by less than this part of the smaller one's height.
_SAME_ROW = 0.5
_MOST_COVERAGE = 4


@dataclass(frozen=True)
class Line:
    """A line of text with its direction.

    Attributes:
        corners: `float32[4,2]`, clockwise from the upper left of the text as it is read.
    """

    corners: Floats

    @property
    def width(self) -> float:
        """Length along the text, in pixels."""
        upper, lower = self.corners[1] - self.corners[0], self.corners[2] - self.corners[3]
        return float(np.linalg.norm(upper) + np.linalg.norm(lower)) / 2

    @property
    def height(self) -> float:
        """Length across the text, in pixels."""
        left, right = self.corners[3] - self.corners[0], self.corners[2] - self.corners[1]
        return float(np.linalg.norm(left) + np.linalg.norm(right)) / 2

    @property
    def direction(self) -> Floats:
        """Unit vector along the text, `float32[2]`."""
        edge = self.corners[1] - self.corners[0] + self.corners[2] - self.corners[3]
        return np.asarray(edge / max(float(np.linalg.norm(edge)), 1e-6), np.float32)

    @property
    def rotation(self) -> float:
        """Degrees clockwise from the x axis, above -180 to 180."""
        x, y = self.direction
        degrees = float(np.degrees(np.arctan2(y, x)))
        return 180.0 if degrees <= -180.0 else degrees

    def upside_down(self) -> "Line":
        """The same line, read the other way."""
        return Line(np.roll(self.corners, 2, axis=0))


def directed_lines(boxes: Sequence[Box]) -> list[Line]:
    """Lines along the text, each read from left to right or, where it stands upright, downwards."""
    axis = _common_axis(boxes)
    return [_line(box, axis) for box in boxes]


def affordable(lines: Sequence[Line], picture_pixels: int) -> list[Line]:
    """The lines without the largest ones, where all together cover the picture several times over.

    Real lines do not overlap; cutting out hundreds of nested rectangles would take minutes.
    """
    budget = _MOST_COVERAGE * picture_pixels
    by_area = sorted(lines, key=lambda line: line.width * line.height)
    covered = np.cumsum([line.width * line.height for line in by_area])
    kept = {id(line) for line, area in zip(by_area, covered, strict=True) if area <= budget}
    return [line for line in lines if id(line) in kept]


def flips(upside_down: Floats, widths: Sequence[float]) -> list[bool]:
    """Which lines to turn round.

    Where the network is not certain about a line, the line goes with the majority of the picture's text.

    Args:
        upside_down: `float32[N]`, the network's probability that a line is upside down.
        widths: of the lines; longer lines have more say.
    """
    if not widths:
        return []
    majority = float(np.average(upside_down, weights=np.maximum(widths, 1.0))) > 0.5
    return [majority if 1 - _CERTAIN < p < _CERTAIN else bool(p >= _CERTAIN) for p in upside_down]


def reading_order(lines: Sequence[Line]) -> list[int]:
    """Indices of the lines as a reader meets them who holds the text upright: row by row, left to right."""
    if not lines:
        return []
    along = _mean_direction(lines)
    across = np.array([-along[1], along[0]], np.float32)
    centers = np.array([line.corners.mean(axis=0) for line in lines])
    x, y = centers @ along, centers @ across
    rows: list[list[int]] = []
    for index in sorted(range(len(lines)), key=lambda i: float(y[i])):
        if rows and _same_row(lines, y, rows[-1], index):
            rows[-1].append(index)
        else:
            rows.append([index])
    return [index for row in rows for index in sorted(row, key=lambda i: float(x[i]))]


def _same_row(lines: Sequence[Line], y: Floats, row: list[int], index: int) -> bool:
    level = float(np.mean([y[i] for i in row]))
    height = min(lines[index].height, *(lines[i].height for i in row))
    return abs(float(y[index]) - level) < _SAME_ROW * height


def _common_axis(boxes: Sequence[Box]) -> Floats:
    # Directions that differ by 180 degrees are the same axis: doubling the angle makes them the same vector.
    total = np.zeros(2)
    for box in boxes:
        axes, lengths = _axes(box)
        long = int(lengths[1] > lengths[0])
        if lengths[long] >= _CLEARLY_LONG * lengths[1 - long]:
            x, y = axes[long]
            total += lengths[long] * np.array([x * x - y * y, 2 * x * y])
    angle = np.arctan2(total[1], total[0]) / 2
    return np.array([np.cos(angle), np.sin(angle)], np.float32)


def _axes(box: Box) -> tuple[Floats, Floats]:
    """Unit vectors `float32[2,2]` along the first and second edge, and the mean lengths of the two pairs of edges."""
    edges = np.roll(box.corners, -1, axis=0) - box.corners
    vectors = (edges[:2] - edges[2:]) / 2
    lengths = np.linalg.norm(vectors, axis=1)
    return vectors / np.maximum(lengths, 1e-6)[:, np.newaxis], lengths


def _line(box: Box, axis: Floats) -> Line:
    axes, lengths = _axes(box)
    first = int(lengths[1] > lengths[0])
    if lengths[first] < _CLEARLY_LONG * lengths[1 - first]:
        first = int(abs(axes[1] @ axis) > abs(axes[0] @ axis))
    x, y = axes[first]
    if x < -1e-3 or (abs(x) <= 1e-3 and y < 0):
        first += 2
    return Line(np.roll(box.corners, -first, axis=0))


def _mean_direction(lines: Sequence[Line]) -> Floats:
    total = np.sum([line.direction * line.width for line in lines], axis=0)
    length = float(np.linalg.norm(total))
    return np.asarray(total / length, np.float32) if length > 1e-6 else np.array([1, 0], np.float32)
