"""Renders nameplates as they sit on machines: brushed metal, a stamped frame, screws, engraved letters."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["CHINESE_LINES", "MOTOR_LINES", "nameplate"]

Picture = NDArray[np.uint8]
_Canvas = NDArray[np.float32]

MOTOR_LINES = (
    "NORDWERK DRIVES",
    "SN 2024-00871 MOTOR 7.5kW 1450rpm",
    "400 V 50 Hz 14.8 A IP55",
    "TYPE NW-132M-4 Class F 62 kg",
)
CHINESE_LINES = (
    "三相异步电动机",
    "型号：YE3-132M-4",
    "功率：7.5kW",
    "转速：1450转/分",
    "出厂编号：2024-00871",
)

_METAL = (172.0, 176.0, 178.0)
_INK = (38.0, 38.0, 42.0)
_LETTERS = 40
"""Height of the letters in pixels; the heading is larger by half."""
_MARGIN_X, _MARGIN_Y = 96, 52
_SCREW = 17


def nameplate(lines: Sequence[str] = MOTOR_LINES, *, seed: int = 7) -> Picture:
    """Engrave `lines` on a metal plate, the first as its heading; `uint8[H,W,3]`, RGB, as large as the text needs.

    Chinese is rendered too. `seed` makes the metal's grain, so the same call gives the same pixels.
    """
    rng = np.random.default_rng(seed)
    sizes = [_LETTERS * 3 // 2 if index == 0 and len(lines) > 1 else _LETTERS for index in range(len(lines))]
    pitches = [size * 9 // 4 for size in sizes]
    width = max(_text_width(line, size) for line, size in zip(lines, sizes, strict=True)) + 2 * _MARGIN_X
    height = sum(pitches) + 2 * _MARGIN_Y
    plate = _brushed_metal(height, width, rng)
    _frame(plate)
    for x in (44, width - 44):
        for y in (44, height - 44):
            _screw(plate, x, y, angle=float(rng.uniform(0, 180)))
    baseline = _MARGIN_Y
    for line, size, pitch in zip(lines, sizes, pitches, strict=True):
        baseline += pitch
        left = (width - _text_width(line, size)) // 2 if size > _LETTERS else _MARGIN_X
        _engrave(plate, line, (left, baseline - pitch * 2 // 5), size)
    plate += rng.normal(0.0, 2.0, plate.shape).astype(np.float32)
    return np.clip(plate, 0, 255).astype(np.uint8)


def _font() -> cv2.FontFace:
    return cv2.FontFace("uni")  # the built-in face that has Chinese


def _text_width(text: str, size: int) -> int:
    _, _, width, _ = cv2.getTextSize((4096, 256), text, (0, 128), _font(), size)
    return int(width)


def _brushed_metal(height: int, width: int, rng: np.random.Generator) -> _Canvas:
    grain = rng.normal(0.0, 1.0, (height, width)).astype(np.float32)
    streaks = cv2.blur(grain, (151, 1)) * 55 + cv2.blur(grain, (31, 1)) * 14
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    sheen = 26 * np.exp(-((x - 0.35 * y + 0.25) ** 2) / 0.18) - 14 * (x * x + y * y) / 2
    metal = np.asarray(_METAL, np.float32) + (streaks + sheen)[..., None]
    return np.ascontiguousarray(metal, np.float32)


def _frame(plate: _Canvas) -> None:
    height, width = plate.shape[:2]
    for inset, value in ((0, 95.0), (1, 215.0), (2, 200.0)):  # the cut edge and its bevel
        cv2.rectangle(plate, (inset, inset), (width - 1 - inset, height - 1 - inset), (value,) * 3, 1)
    for offset, value in ((1, 225.0), (0, 70.0)):  # a groove: light below, dark in it
        corner, opposite = (16 + offset, 16 + offset), (width - 17 + offset, height - 17 + offset)
        cv2.rectangle(plate, corner, opposite, (value,) * 3, 2, cv2.LINE_AA)


def _screw(plate: _Canvas, x: int, y: int, *, angle: float) -> None:
    cv2.circle(plate, (x + 2, y + 3), _SCREW + 1, (92.0,) * 3, -1, cv2.LINE_AA)
    for step in range(_SCREW, 0, -1):  # a domed head, lit from the upper left
        lift = (_SCREW - step) / _SCREW
        centre = (x - round(4 * lift), y - round(4 * lift))
        cv2.circle(plate, centre, step, (132 + 88 * lift,) * 3, -1, cv2.LINE_AA)
    along = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))]) * (_SCREW - 3)
    for offset, value in ((1, 205.0), (0, 58.0)):
        start, end = (np.array([x, y]) + offset + sign * along for sign in (-1, 1))
        cv2.line(plate, _pixel(start), _pixel(end), (value,) * 3, 4 - offset, cv2.LINE_AA)


def _engrave(plate: _Canvas, text: str, origin: tuple[int, int], size: int) -> None:
    height, width = plate.shape[:2]
    mask = np.zeros((height, width, 3), np.uint8)
    cv2.putText(mask, text, origin, (255, 255, 255), _font(), size, 600)
    depth = cv2.GaussianBlur(mask[..., 0].astype(np.float32) / 255, (3, 3), 0)
    lit = np.roll(depth, (2, 1), axis=(0, 1)) * (1 - depth)  # the lower edge of the cut catches the light
    plate += (lit * 42)[..., None]
    plate += depth[..., None] * (np.asarray(_INK, np.float32) - plate) * 0.92


def _pixel(point: NDArray[np.float64]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))
