"""Renders printed labels with codes: QR, Data Matrix, Code 128. Needs segno and zxing-cpp."""

from __future__ import annotations

import io

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["PART_TEXT", "QR_TEXT", "part_label", "qr_code", "qr_label"]

Picture = NDArray[np.uint8]

QR_TEXT = "https://plant.example/asset/2024-00871"
PART_TEXT = "4711-0042"

_PAPER = (242, 241, 236)
_PRINT = (28, 28, 32)
_MARGIN = 28


def qr_code(text: str = QR_TEXT, *, module: int = 8) -> Picture:
    """A QR code with its quiet zone, `module` pixels a square; `uint8[S,S,3]`, black on white."""
    import segno  # noqa: PLC0415 - wanted for codes only

    file = io.BytesIO()
    segno.make_qr(text, error="M").save(file, kind="png", scale=module, border=4)
    pixels = cv2.imdecode(np.frombuffer(file.getvalue(), np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return np.asarray(pixels, np.uint8)


def qr_label(text: str = QR_TEXT, *, caption: str = "ASSET 2024-00871") -> Picture:
    """A label with a QR code and a caption under it; `uint8[H,W,3]`, RGB."""
    code = qr_code(text)
    side = code.shape[0]
    label = _paper(side + 50, side + 24)
    _place(label, code, top=12, left=12)
    _write(label, caption, centre=label.shape[1] // 2, baseline=side + 24, size=side // 12)
    return label


def part_label(text: str = PART_TEXT) -> Picture:
    """A shipping label: a Data Matrix, a Code 128, and what people read; `uint8[H,W,3]`, RGB."""
    matrix, bars = _barcode(f"PN{text}", "DataMatrix", 14), _barcode(text, "Code128", 4)
    bars = np.repeat(bars[bars.shape[0] // 2 :][:1], 120, axis=0)  # one row, as tall as a scanner likes it
    text_left = matrix.shape[1] + 2 * _MARGIN
    width = text_left + bars.shape[1] + _MARGIN
    label = _paper(max(matrix.shape[0] + 2 * _MARGIN, 360), width)
    _place(label, matrix, top=(label.shape[0] - matrix.shape[0]) // 2, left=_MARGIN)
    centre = text_left + bars.shape[1] // 2
    _write(label, "GEARBOX HOUSING", centre=centre, baseline=72, size=40)
    _write(label, f"PART {text}", centre=centre, baseline=130, size=40)
    _place(label, bars, top=164, left=text_left)
    _write(label, text, centre=centre, baseline=322, size=34)
    return label


def _barcode(text: str, kind: str, scale: int) -> Picture:
    import zxingcpp  # noqa: PLC0415 - wanted for codes only

    barcode = zxingcpp.create_barcode(text, zxingcpp.barcode_format_from_str(kind))
    grey = np.array(zxingcpp.write_barcode_to_image(barcode, scale=scale), np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _paper(height: int, width: int) -> Picture:
    paper = np.full((height, width, 3), _PAPER, np.uint8)
    cv2.rectangle(paper, (4, 4), (width - 5, height - 5), (170, 168, 160), 2)
    return paper


def _place(label: Picture, code: Picture, *, top: int, left: int) -> None:
    part = label[top : top + code.shape[0], left : left + code.shape[1]]
    part[:] = np.where(code < 128, np.asarray(_PRINT, np.uint8), part)


def _write(label: Picture, text: str, *, centre: int, baseline: int, size: int) -> None:
    font = cv2.FontFace("uni")
    _, _, width, _ = cv2.getTextSize((4096, 256), text, (0, 128), font, size, 600)
    cv2.putText(label, text, (centre - width // 2, baseline), _PRINT, font, size, 600)
