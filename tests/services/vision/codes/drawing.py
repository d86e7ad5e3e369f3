"""Codes drawn into pictures, by a generator of its own where there is one."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import segno
import zxingcpp

from sensorium_vision.domain import Floats, Pixels


@dataclass(frozen=True)
class Drawn:
    """A picture and the corners of the code in it, clockwise from the code's own upper left."""

    pixels: Pixels
    corners: Floats


def symbol(
    content: str | bytes, barcode_format: zxingcpp.BarcodeFormat, scale: int = 4, *, gs1: bool = False
) -> Pixels:
    """A code as the writer draws it, quiet zone included: `uint8[h,w]`."""
    options = {"gs1": True} if gs1 else {}
    barcode = zxingcpp.create_barcode(content, barcode_format, **options)
    return np.array(barcode.to_image(scale=scale, add_quiet_zones=True), np.uint8)


def qr(content: str | bytes, scale: int = 4, **options: Any) -> Pixels:
    """A QR code by segno, with a quiet zone of four modules."""
    code = segno.make(content, **{"micro": False, **options})
    modules = np.array([list(row) for row in code.matrix], np.uint8)
    return np.asarray(np.kron(np.pad((1 - modules) * 255, 4, constant_values=255), np.ones((scale, scale))), np.uint8)


def colour(grey: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)


def outline(grey: Pixels) -> Floats:
    """The outer edges of what is dark, as `float32[4,2]`."""
    y, x = np.nonzero(grey < 128)
    left, top, right, bottom = x.min(), y.min(), x.max() + 1, y.max() + 1
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def pasted(grey: Pixels, degrees: float, size: tuple[int, int], center: tuple[float, float]) -> Drawn:
    """A code in a large light picture, turned clockwise by an angle."""
    width, height = size
    matrix = cv2.getRotationMatrix2D((grey.shape[1] / 2 - 0.5, grey.shape[0] / 2 - 0.5), -degrees, 1.0)
    matrix[:, 2] += np.array(center) - (grey.shape[1] / 2, grey.shape[0] / 2)
    picture = cv2.warpAffine(grey, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=(255,))
    corners = (outline(grey) - 0.5) @ matrix[:, :2].T + matrix[:, 2] + 0.5
    return Drawn(colour(np.asarray(picture, np.uint8)), corners.astype(np.float32))
