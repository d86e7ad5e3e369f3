"""Colours, and sizes that grow with the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

Color: TypeAlias = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""

TEXT: Color = (64, 196, 255)
MATCH: Color = (70, 220, 120)
MISMATCH: Color = (255, 95, 95)
CODE: Color = (255, 176, 32)
UNREADABLE: Color = (255, 95, 95)
BACKGROUND: Color = (18, 22, 28)
FOREGROUND: Color = (255, 255, 255)
BAR: Color = (44, 108, 176)

_LONG_SIDE = 960  # pixels; smaller pictures are enlarged to this
_SHORT_SIDE = 240
_LONGEST_SIDE = 8192  # enlarging stops here


@dataclass(frozen=True)
class Scale:
    """Sizes for one picture, in pixels of the canvas."""

    factor: float
    """How many times larger the canvas is than the picture."""
    text_size: int
    line_width: int
    margin: int

    @classmethod
    def for_picture(cls, width: int, height: int) -> Scale:
        """Sizes for a picture of this many pixels."""
        longer, shorter = max(width, height), min(width, height)
        factor = max(1.0, _LONG_SIDE / longer, min(_SHORT_SIDE / shorter, _LONGEST_SIDE / longer))
        extent = (width * height) ** 0.5 * factor
        text_size = max(16, round(0.026 * extent))
        return cls(factor, text_size, max(2, round(text_size / 9)), max(8, round(text_size * 0.7)))

    def enlarge(self, picture: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """A canvas with the picture on it, `uint8[H',W',3]`; never the picture's own memory."""
        if self.factor == 1.0:
            return np.array(picture, dtype=np.uint8, order="C")
        size = (round(picture.shape[1] * self.factor), round(picture.shape[0] * self.factor))
        return cv2.resize(np.ascontiguousarray(picture), size, interpolation=cv2.INTER_CUBIC)

    def on_canvas(self, polygon: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
        """A polygon's corners in pixels of the canvas, `float32[N,2]`."""
        return polygon * np.float32(self.factor)

    def text_size_for(self, height: float) -> int:
        """Size of the caption of a text line that is `height` pixels high."""
        return int(np.clip(height * 0.8, min(13, self.text_size), self.text_size))
