"""Real pictures for the model check: scikit-image's photographs and scans, and a code pasted on a photograph."""

import importlib.util
import io
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sensorium_models.errors import ModelError

__all__ = ["letterbox", "photograph", "resized", "with_qr_code"]

Picture = NDArray[np.uint8]


def photograph(name: str) -> Picture:
    """One of scikit-image's pictures, `uint8[H,W,3]` in RGB; `name` is its file's: "coffee.png".

    Raises:
        ModelError: scikit-image, a development dependency, is not installed, or has no such picture.
    """
    spec = importlib.util.find_spec("skimage")
    if spec is None or spec.origin is None:
        raise ModelError("checking models needs scikit-image's pictures: pip install 'sensorium[dev]'")
    path = Path(spec.origin).parent / "data" / name
    if not path.is_file():
        raise ModelError(f"scikit-image has no picture {path}")
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def resized(picture: Picture, *, height: int, width: int) -> Picture:
    """`picture` at `height` x `width`, bilinear."""
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def letterbox(picture: Picture, *, side: int, pad: int) -> Picture:
    """`picture` scaled to fit `side` x `side`, in the upper left corner, the rest filled with the grey value `pad`."""
    ratio = min(side / picture.shape[0], side / picture.shape[1])
    height, width = int(picture.shape[0] * ratio), int(picture.shape[1] * ratio)
    canvas = np.full((side, side, 3), pad, np.uint8)
    canvas[:height, :width] = resized(picture, height=height, width=width)
    return canvas


def with_qr_code(picture: Picture, text: str, *, left: int, top: int, module: int) -> Picture:
    """A copy of `picture` with the QR code of `text` at (`left`, `top`), `module` pixels per code square.

    Raises:
        ModelError: segno, a development dependency, is not installed.
    """
    if importlib.util.find_spec("segno") is None:
        raise ModelError("checking models needs segno: pip install 'sensorium[dev]'")
    import segno  # noqa: PLC0415 - a development dependency, wanted here only

    buffer = io.BytesIO()
    segno.make_qr(text).save(buffer, kind="png", scale=module, border=4)
    with Image.open(buffer) as image:
        code = np.asarray(image.convert("RGB"))
    result = picture.copy()
    result[top : top + code.shape[0], left : left + code.shape[1]] = code
    return result
