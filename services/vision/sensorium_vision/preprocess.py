"""Pixels to tensors for whole pictures; what only text or codes need lies with them. Pure functions."""

import cv2
import numpy as np

from sensorium_vision.domain import Pixels

# EfficientNet-Lite's evaluation protocol keeps 224 of 256 pixels (Tan and Le 2019, and the code of its authors).
_CENTRAL_FRACTION = 224 / 256


def resize(pixels: Pixels, width: int, height: int) -> Pixels:
    """The picture at another size: averaged when it shrinks, interpolated when it grows.

    Args:
        pixels: `uint8[H,W,3]`.
        width, height: of the result.
    """
    shrinks = width * height < pixels.shape[0] * pixels.shape[1]
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=interpolation), np.uint8)


def central_square(pixels: Pixels, side: int) -> Pixels:
    """The middle of a picture as a classifier wants it: `uint8[1,side,side,3]`.

    A picture that already has this size is taken whole, so that a camera's region of interest loses nothing.
    """
    height, width = pixels.shape[:2]
    if (height, width) == (side, side):
        return pixels[np.newaxis]
    edge = max(1, round(min(height, width) * _CENTRAL_FRACTION))
    top, left = (height - edge) // 2, (width - edge) // 2
    return resize(pixels[top : top + edge, left : left + edge], side, side)[np.newaxis]


def letterbox(pixels: Pixels, side: int, fill: int) -> tuple[Pixels, float]:
    """The whole picture in the upper left of a square, the rest filled.

    Returns:
        `uint8[1,side,side,3]`, and the scale from the picture to the square.
    """
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    inner_width, inner_height = max(1, round(width * scale)), max(1, round(height * scale))
    square = np.full((1, side, side, 3), fill, np.uint8)
    square[0, :inner_height, :inner_width] = resize(pixels, inner_width, inner_height)
    return square, scale
