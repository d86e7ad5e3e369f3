"""Small pictures with text on them, and how they come onto the canvas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from sensorium_client._results import Label
from sensorium_client.draw._layout import Place
from sensorium_client.draw._style import BACKGROUND, BAR, FOREGROUND, Color, Scale

Pixels: TypeAlias = npt.NDArray[Any]

_OPACITY = 0.86
_ASCENT, _DESCENT = 1.0, 0.3  # of the text size, in OpenCV's font "uni"


class Typeface:
    """OpenCV's own font, which also has Chinese, Greek and Cyrillic characters."""

    def __init__(self) -> None:
        """Load the font; cheap, and not shared because OpenCV does not say that it may be."""
        self._font = cv2.FontFace("uni")

    def width(self, text: str, size: int, weight: int = 500) -> int:
        """Pixels that a text is wide."""
        return int(cv2.getTextSize((0, 0), text, (0, 0), self._font, size, weight)[2])

    def fit(self, text: str, size: int, width: int) -> str:
        """The text, or as much of its beginning as `width` pixels hold, with an ellipsis."""
        text = "".join(char if char.isprintable() else "·" for char in text)
        if self.width(text, size) <= width:
            return text
        while text and self.width(text + "…", size) > width:
            text = text[:-1]
        return text + "…"

    def write(self, canvas: Pixels, text: str, start: tuple[int, int], size: int) -> None:
        """Write a text whose baseline starts at `start`, x and y."""
        cv2.putText(canvas, text, start, FOREGROUND, self._font, size, 500)


def caption_tile(text: str, accent: Color, size: int, typeface: Typeface, widest: int) -> Pixels:
    """A text on a dark ground with a bar in the colour of its outline, `uint8[h,w,3]` with w at most `widest`."""
    pad, bar = max(3, size // 4), max(3, size // 5)
    text = typeface.fit(text, size, widest - bar - 2 * pad)
    width = min(widest, typeface.width(text, size) + bar + 2 * pad)
    tile = _ground(_row_height(size), width)
    tile[:, :bar] = accent
    typeface.write(tile, text, (bar + pad, _baseline(size)), size)
    return tile


def label_panel(labels: Sequence[Label], typeface: Typeface, scale: Scale, room: tuple[int, int]) -> Pixels | None:
    """Labels one below the other, each with its score and a bar of that length, `uint8[h,w,3]`.

    `room` is the largest width and height in pixels; labels that do not fit are left out, and None comes back when
    none fits or there is none.
    """
    size, row = scale.text_size, _row_height(scale.text_size)
    pad = _panel_pad(size)
    shown = labels[: max(0, (room[1] - pad) // row)]
    if not shown:
        return None
    numbers = typeface.width("100 %", size)
    names = [typeface.fit(label.name, size, room[0] - numbers - 6 * pad) for label in shown]
    width = max(typeface.width(name, size) for name in names) + numbers + 6 * pad
    panel = _ground(len(shown) * row + pad, width)
    for i, (label, name) in enumerate(zip(shown, names, strict=True)):
        _label_row(panel[pad // 2 + i * row :][:row], label.score, name, typeface, size)
    return panel


def blend(canvas: Pixels, tile: Pixels, place: Place) -> None:
    """Put a tile onto the canvas, which shines through a little; what would lie outside is cut off."""
    low = np.maximum(np.floor(place.corners.min(axis=0)).astype(int), 0)
    high = np.ceil(place.corners.max(axis=0)).astype(int)
    target = canvas[low[1] : high[1], low[0] : high[0]]
    matrix, size = place.matrix - np.column_stack([np.zeros((2, 2)), low]), target.shape[1::-1]
    # text and bars stay solid: only the dark ground shines through
    solid = np.where((tile == BACKGROUND).all(axis=2), _OPACITY, 1).astype(np.float32)
    opacity = cv2.warpAffine(solid, matrix, size)[:, :, None]
    turned = cv2.warpAffine(tile, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    target[:] = np.round(turned * opacity + target * (1 - opacity))


def with_panel(canvas: Pixels, tiles: Sequence[Pixels], margin: int) -> Pixels:
    """The canvas with the tiles in columns on its right, or below it where it is much wider than high."""
    if not tiles:
        return canvas
    height, width = canvas.shape[:2]
    column, below = max(tile.shape[1] for tile in tiles) + margin, width > 2 * height
    highest = max(tile.shape[0] for tile in tiles) + sum(tile.shape[0] for tile in tiles) // max(1, width // column)
    places = _columns(tiles, column, margin, highest + 2 * margin if below else height)
    x, y = (0, height) if below else (width, 0)
    right, bottom = (max(place.corners[2][axis] for place in places) + margin for axis in (0, 1))
    panel = _ground(max(height, y + int(bottom)), max(width, x + int(right)))
    panel[:height, :width] = canvas
    for tile, place in zip(tiles, places, strict=True):
        blend(panel, tile, place._replace(x=x + place.x, y=y + place.y))
    return panel


def _columns(tiles: Sequence[Pixels], column: int, margin: int, height: int) -> list[Place]:
    x = y = margin
    places = []
    for tile in tiles:
        if y > margin and y + tile.shape[0] > height - margin:
            x, y = x + column, margin
        places.append(Place(x, y, tile.shape[1], tile.shape[0]))
        y += tile.shape[0]
    return places


def _label_row(row: Pixels, score: float, name: str, typeface: Typeface, size: int) -> None:
    pad = _panel_pad(size)
    inner = row.shape[1] - 2 * pad
    filled = round(inner * min(max(score, 0.0), 1.0))
    row[2:-2, pad : pad + filled] = BAR
    percent = "<1 %" if 0 < score < 0.005 else f"{score:.0%}".replace("%", " %")
    typeface.write(row, name, (2 * pad, _baseline(size)), size)
    right = row.shape[1] - 2 * pad - typeface.width(percent, size)
    typeface.write(row, percent, (right, _baseline(size)), size)


def _panel_pad(size: int) -> int:
    return max(4, size // 2)


def _ground(height: int, width: int) -> Pixels:
    return np.full((height, max(width, 1), 3), BACKGROUND, dtype=np.uint8)


def _row_height(size: int) -> int:
    return round((_ASCENT + _DESCENT) * size) + max(4, size // 3)


def _baseline(size: int) -> int:
    return round(_ASCENT * size) + max(4, size // 3) // 2
