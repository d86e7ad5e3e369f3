"""Decoding by zxing-cpp, which releases the GIL: the whole picture first, then each box in several renderings."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from sensorium_vision.codes._detection import Detection
from sensorium_vision.domain import Code, Floats, Pixels, Symbology

# From pixels of a rendering to those of what was rendered: `float64[2,3]`.
Transform = npt.NDArray[np.float64]

_FORMATS = {
    Symbology.QR_CODE: ("QRCode", "QRCodeModel1", "QRCodeModel2"),
    Symbology.MICRO_QR_CODE: ("MicroQRCode",),
    Symbology.RMQR_CODE: ("RMQRCode",),
    Symbology.DATA_MATRIX: ("DataMatrix",),
    Symbology.AZTEC: ("Aztec", "AztecCode", "AztecRune"),
    Symbology.PDF417: ("PDF417", "CompactPDF417", "MicroPDF417"),
    Symbology.MAXICODE: ("MaxiCode",),
    Symbology.CODE_128: ("Code128",),
    Symbology.CODE_39: ("Code39", "Code39Std", "Code39Ext", "Code32", "PZN"),
    Symbology.CODE_93: ("Code93",),
    Symbology.CODABAR: ("Codabar",),
    Symbology.EAN_13: ("EAN13", "ISBN"),
    Symbology.EAN_8: ("EAN8",),
    Symbology.UPC_A: ("UPCA",),
    Symbology.UPC_E: ("UPCE",),
    Symbology.ITF: ("ITF", "ITF14"),
    Symbology.GS1_DATABAR: ("DataBar", "DataBarOmni", "DataBarStk", "DataBarStkOmni", "DataBarLtd", "DataBarExp",
                            "DataBarExpStk"),
}  # fmt: skip
# Separators that data in codes is full of (ISO/IEC 15434). Content with other control characters is not text.
_SEPARATORS = frozenset("\t\n\r\x04\x1c\x1d\x1e\x1f")
_SYMBOLOGY = {
    getattr(zxingcpp.BarcodeFormat, name): symbology for symbology, names in _FORMATS.items() for name in names
}
_LARGEST_SEARCHED = 4_000_000  # pixels; above, codes large enough to be read survive the reduction
_MARGIN = 0.15  # of the box's longer side: quiet zones belong to a code
_SMALL_CROP = 320  # pixels; a smaller crop is also tried enlarged
_LARGE_CROP = 1200
_LEAST_SLANT = 3.0  # degrees
_PREVAILING = 0.4  # part of the gradients' energy that has one direction; bars have 0.6 to 0.9, matrix codes 0.1
_LEAST_ITF_HEIGHT = 0.1  # of its length; of 828 slanted codes no fragment had more than 0.06


def decode_picture(pixels: Pixels) -> list[Code]:
    """Codes that the decoder finds by itself, in coordinates of `pixels`."""
    grey, scale = _reduced(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8), _LARGEST_SEARCHED)
    return [_code(barcode, _shrinking(scale)) for barcode in _read(grey)]


def decode_detection(pixels: Pixels, detection: Detection) -> Code | None:
    """The code in a box, tried in renderings from the plain to the far-fetched; None when none can be decoded."""
    grey, offset = _crop(pixels, detection)
    for rendering, to_crop in _renderings(grey):
        for barcode in _read(rendering):
            code = _code(barcode, to_crop)
            return replace(code, polygon=code.polygon + np.array(offset, np.float32), detection_score=detection.score)
    return None


def unreadable(detection: Detection) -> Code:
    """A code that was found and not decoded."""
    left, top, right, bottom = detection.box
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    return Code(detection.symbology, "", b"", corners, readable=False, detection_score=detection.score)


def overlap(first: Floats, second: Floats) -> float:
    """How much of the smaller of two outlines' bounding boxes lies in the other, 0 to 1."""
    low = np.maximum(first.min(axis=0), second.min(axis=0))
    high = np.minimum(first.max(axis=0), second.max(axis=0))
    # Corners are pixels and a pixel has a size: a linear code that was read along a single row has an area too.
    common = float(np.prod(np.maximum(high - low + 1, 0)))
    return common / min(float(np.prod(np.ptp(outline, axis=0) + 1)) for outline in (first, second))


def in_order(codes: Sequence[Code]) -> list[Code]:
    """Codes from top to bottom, then left to right, by their centres."""
    return sorted(codes, key=lambda code: (float(code.polygon[:, 1].mean()), float(code.polygon[:, 0].mean())))


def _crop(pixels: Pixels, detection: Detection) -> tuple[Pixels, tuple[int, int]]:
    left, top, right, bottom = detection.box
    margin = _MARGIN * max(right - left, bottom - top) + 8
    x1, y1 = max(0, int(left - margin)), max(0, int(top - margin))
    x2, y2 = min(pixels.shape[1], int(right + margin) + 1), min(pixels.shape[0], int(bottom + margin) + 1)
    return np.asarray(cv2.cvtColor(pixels[y1:y2, x1:x2], cv2.COLOR_RGB2GRAY), np.uint8), (x1, y1)


def _read(grey: Pixels) -> list[zxingcpp.Barcode]:
    barcodes = zxingcpp.read_barcodes(grey, text_mode=zxingcpp.TextMode.Plain)
    return [barcode for barcode in barcodes if not _is_fragment(barcode)]


def _is_fragment(barcode: zxingcpp.Barcode) -> bool:
    # A scan line that leaves a slanted Interleaved 2 of 5 through its side reads the digits so far as if they were all:
    # nothing in this symbology tells. Only few rows agree on them, whereas many read the whole of an upright one.
    position = barcode.position
    width = np.hypot(position.top_right.x - position.top_left.x, position.top_right.y - position.top_left.y)
    height = np.hypot(position.bottom_left.x - position.top_left.x, position.bottom_left.y - position.top_left.y)
    return barcode.symbology == zxingcpp.BarcodeFormat.ITF and bool(height < _LEAST_ITF_HEIGHT * width)


def _renderings(grey: Pixels) -> Iterator[tuple[Pixels, Transform]]:
    """A crop straightened, as it is, enlarged, sharpened, with its contrast evened out; each with its way back."""
    grey, base = _reduced(grey, _LARGE_CROP * _LARGE_CROP)
    angle = _slant(grey)
    if abs(angle) > _LEAST_SLANT:  # first, because of a slanted linear code a part may be read as if it were all
        straight, back = _turned(grey, angle)
        yield straight, back / base
    yield grey, _shrinking(base)
    for factor in (2.0, 3.0) if max(grey.shape) < _SMALL_CROP else (1.0, 0.5):
        sized = np.asarray(cv2.resize(grey, None, fx=factor, fy=factor, interpolation=_interpolation(factor)), np.uint8)
        if factor != 1.0:
            yield sized, _shrinking(base * factor)
        for radius in (2.0 * factor, 4.0 * factor):
            yield _sharpened(sized, radius), _shrinking(base * factor)
        yield np.asarray(cv2.createCLAHE(4.0, (4, 4)).apply(sized), np.uint8), _shrinking(base * factor)


def _slant(grey: Pixels) -> float:
    """Degrees between the picture's axes and what is across parallel bars; 0 where bars do not prevail.

    From the structure tensor (Bigun and Granlund 1987). The decoder looks for linear codes along rows and columns only.
    """
    soft = cv2.GaussianBlur(grey, (0, 0), 1.5).astype(np.float32)
    x, y = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    xx, yy, xy = (float(np.mean(product)) for product in (x * x, y * y, x * y))
    if np.hypot(xx - yy, 2 * xy) < _PREVAILING * (xx + yy):
        return 0.0
    angle = float(np.degrees(np.arctan2(2 * xy, xx - yy))) / 2
    return angle - 90.0 * round(angle / 90.0)


def _turned(grey: Pixels, degrees: float) -> tuple[Pixels, Transform]:
    """The crop turned anticlockwise, all of it in a larger square, and the way back."""
    height, width = grey.shape
    side = int(np.hypot(width, height)) + 1
    there = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    there[:, 2] += ((side - width) / 2, (side - height) / 2)
    turned = cv2.warpAffine(grey, there, (side, side), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.uint8), np.asarray(cv2.invertAffineTransform(there), np.float64)


def _shrinking(scale: float) -> Transform:
    return np.array([[1 / scale, 0, 0], [0, 1 / scale, 0]])


def _interpolation(factor: float) -> int:
    return cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA


def _sharpened(grey: Pixels, radius: float) -> Pixels:
    # Unsharp masking: what blur of about this radius took away is put back.
    soft = cv2.GaussianBlur(grey, (0, 0), radius)
    return np.asarray(cv2.addWeighted(grey, 3.0, soft, -2.0, 0), np.uint8)


def _reduced(grey: Pixels, most: int) -> tuple[Pixels, float]:
    if grey.size <= most:
        return grey, 1.0
    scale = (most / grey.size) ** 0.5
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8), scale


def _code(barcode: zxingcpp.Barcode, way_back: Transform) -> Code:
    position = barcode.position
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    polygon = np.array([[point.x, point.y] for point in corners]) @ way_back[:, :2].T + way_back[:, 2]
    return Code(
        _symbology(barcode),
        _text(barcode),
        barcode.bytes,
        polygon.astype(np.float32),
        barcode.symbology_identifier,
    )


def _symbology(barcode: zxingcpp.Barcode) -> Symbology:
    if barcode.format == zxingcpp.BarcodeFormat.EAN13 and barcode.text.startswith("0"):
        return Symbology.UPC_A  # the same bars; the decoder calls every UPC-A an EAN-13
    return _SYMBOLOGY.get(barcode.format, Symbology.OTHER_LINEAR)


def _text(barcode: zxingcpp.Barcode) -> str:
    text = barcode.text
    is_text = all(character in _SEPARATORS or unicodedata.category(character) != "Cc" for character in text)
    return text if is_text else ""
