"""Pictures that show what the services can do, all made in memory: photographs, nameplates, labels with codes.

Every picture is `uint8[H,W,3]` in RGB. The photographs are scikit-image's, which needs to be installed (`pip install
'sensorium[dev]'`); with the same arguments each function gives the same pixels.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sensorium_client.stack.labels import part_label, qr_code, qr_label
from sensorium_client.stack.plates import CHINESE_LINES, MOTOR_LINES, nameplate

__all__ = [
    "CHINESE_LINES",
    "MOTOR_LINES",
    "PictureError",
    "blur",
    "encode",
    "nameplate",
    "on_wall",
    "part_label",
    "perspective",
    "photograph",
    "qr_code",
    "qr_label",
    "rotate",
    "stick",
]

Picture = NDArray[np.uint8]
Corners = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""Upper left, upper right, lower right, lower left: x and y in pixels."""

_MARGIN = 60


class PictureError(RuntimeError):
    """A picture cannot be made here."""


def photograph(name: str) -> Picture:
    """One of scikit-image's photographs: coffee, chelsea (a cat), rocket, astronaut, brick and so on.

    Raises:
        PictureError: scikit-image is not installed, or has no such picture.
    """
    spec = importlib.util.find_spec("skimage")
    if spec is None or spec.origin is None:
        raise PictureError("the photographs come with scikit-image, which is missing: pip install 'sensorium[dev]'")
    # The files are read directly: importing scikit-image for them takes longer than the rest of a start.
    files = sorted((Path(spec.origin).parent / "data").glob(f"{name}.*"))
    pixels = cv2.imread(str(files[0]), cv2.IMREAD_COLOR) if files else None
    if pixels is None:
        raise PictureError(f"scikit-image has no picture {name!r}")
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8)


def rotate(picture: Picture, degrees: float) -> Picture:
    """Turn a picture clockwise; what was outside it shows as a painted wall. Multiples of 90° keep every pixel."""
    quarters, rest = divmod(degrees, 90)
    if rest == 0:
        return np.ascontiguousarray(np.rot90(picture, -int(quarters)))
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    new_width = int(height * abs(turn[0, 1]) + width * abs(turn[0, 0])) + _MARGIN
    new_height = int(height * abs(turn[0, 0]) + width * abs(turn[0, 1])) + _MARGIN
    turn[:, 2] += ((new_width - width) / 2, (new_height - height) / 2)
    corners = cv2.transform(np.asarray([_corners_of(picture)], np.float64), turn)[0]
    return stick(picture, _wall(new_height, new_width), _as_corners(corners))


def on_wall(picture: Picture, *, margin: int = 70) -> Picture:
    """Hang a picture on a wall, seen straight on."""
    height, width = picture.shape[:2]
    corners = np.asarray(_corners_of(picture)) + margin
    return stick(picture, _wall(height + 2 * margin, width + 2 * margin), _as_corners(corners))


def perspective(picture: Picture, *, slant: float = 1.0) -> Picture:
    """Hang a picture on a brick wall and look at it from the side; `slant` 0 is straight on, 1 is 35° or so."""
    height, width = picture.shape[:2]
    margin = width // 8
    far_x, near_y, far_y = width * (1 - 0.12 * slant), height * 0.03 * slant, height * 0.17 * slant
    corners = np.array([(0, near_y), (far_x, far_y), (far_x, height - far_y * 0.8), (0, height + near_y)]) + margin
    bricks = _bricks(height + 2 * margin, width + 2 * margin)
    return stick(picture, bricks, _as_corners(corners))


def stick(picture: Picture, background: Picture, corners: Corners, *, shadow: int = 9) -> Picture:
    """Put a picture on a background so that its corners come to lie at `corners`, with a soft shadow under it."""
    height, width = background.shape[:2]
    target = np.asarray(corners, np.float32)
    homography = cv2.getPerspectiveTransform(np.asarray(_corners_of(picture), np.float32), target)
    moved = cv2.warpPerspective(picture, homography, (width, height), flags=cv2.INTER_LINEAR)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(mask, np.round(target * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
    cover = mask.astype(np.float32)[..., None] / 255
    dark = cv2.GaussianBlur(np.roll(cover[..., 0], (shadow, shadow), axis=(0, 1)), (0, 0), shadow)[..., None]
    result = background * (1 - 0.55 * dark) * (1 - cover) + moved * cover
    return np.clip(result, 0, 255).astype(np.uint8)


def blur(picture: Picture, radius: float = 2.0) -> Picture:
    """Take a picture out of focus: a Gaussian of `radius` pixels."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), radius), np.uint8)


def encode(picture: Picture, suffix: str = ".jpg") -> bytes:
    """A picture as a file's bytes; the format by its suffix: .jpg, .png, .bmp, .tiff, .webp.

    Raises:
        PictureError: No such format.
    """
    try:
        done, data = cv2.imencode(suffix, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    except cv2.error as error:
        raise PictureError(f"no picture format has the suffix {suffix!r}") from error
    if not done:
        raise PictureError(f"the picture could not be written as {suffix}")
    return data.tobytes()


def _wall(height: int, width: int, *, seed: int = 3) -> Picture:
    """A painted machine housing: fine hammered texture, light falling off to the right."""
    rng = np.random.default_rng(seed)
    dents = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 3) * 26
    light = np.linspace(10, -14, width, dtype=np.float32)
    paint = np.array((74, 98, 112), np.float32) + (dents + light)[..., None]
    return np.clip(paint, 0, 255).astype(np.uint8)


def _bricks(height: int, width: int) -> Picture:
    """scikit-image's photograph of bricks, in their colour, as large as asked for."""
    texture = photograph("brick")
    scale = max(height / texture.shape[0], width / texture.shape[1])
    grown = cv2.resize(texture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)[:height, :width]
    return np.asarray(np.clip(grown * np.array((1.0, 0.76, 0.66)), 0, 255), np.uint8)


def _corners_of(picture: Picture) -> Corners:
    height, width = picture.shape[:2]
    return (0, 0), (width, 0), (width, height), (0, height)


def _as_corners(points: NDArray[np.float64]) -> Corners:
    first, second, third, fourth = ((float(x), float(y)) for x, y in points)
    return first, second, third, fourth
