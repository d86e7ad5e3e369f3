"""The pictures that `sensorium up` greets with and `sensorium demo` shows, by name."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from sensorium_client.stack.pictures import (
    CHINESE_LINES,
    Picture,
    blur,
    nameplate,
    on_wall,
    part_label,
    perspective,
    photograph,
    qr_label,
    rotate,
    stick,
)

__all__ = ["SAMPLES", "sample"]


def sample(name: str) -> Picture:
    """A sample by its name; `uint8[H,W,3]`, RGB."""
    return SAMPLES[name]()


def _qr_code() -> Picture:
    """A label with a QR code stuck askew on the table of the coffee cup."""
    table = np.asarray(cv2.resize(photograph("coffee"), None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
    return stick(qr_label(), table, ((926, 478), (1166, 500), (1150, 772), (908, 744)))


def _part_label() -> Picture:
    """A shipping label with a Data Matrix and a Code 128 on the photograph of bricks."""
    return perspective(part_label(), slant=0.45)


SAMPLES: dict[str, Callable[[], Picture]] = {
    "coffee": lambda: photograph("coffee"),
    "chelsea": lambda: photograph("chelsea"),
    "rocket": lambda: photograph("rocket"),
    "nameplate": lambda: on_wall(nameplate()),
    "nameplate-5-degrees": lambda: rotate(nameplate(), 5),
    "nameplate-upside-down": lambda: rotate(on_wall(nameplate()), 180),
    "nameplate-perspective": lambda: perspective(nameplate()),
    "nameplate-chinese": lambda: on_wall(nameplate(CHINESE_LINES)),
    "qr-code": _qr_code,
    "qr-code-blurred": lambda: blur(_qr_code(), 2.5),
    "part-label": _part_label,
}
