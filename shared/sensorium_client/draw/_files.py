"""Picture files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from sensorium_client._errors import InvalidInputError
from sensorium_client.draw._tiles import Pixels


def read_rgb(data: bytes) -> Pixels:
    """Decode a picture file, its EXIF orientation applied, as the service does.

    Returns:
        `uint8[H,W,3]`, RGB.

    Raises:
        InvalidInputError: it is not a picture that OpenCV reads.
    """
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB) if data else None
    if picture is None:
        raise InvalidInputError("cannot decode the picture to draw on it")
    return picture


def write_png(path: Path, picture: Pixels) -> None:
    """Write `uint8[H,W,3]`, RGB, as a PNG file."""
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    path.write_bytes(cv2.imencode(".png", bgr)[1].tobytes())
