"""Decoding by zxing-cpp, which releases the GIL: the whole picture first, then each box in several renderings."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import zxingcpp

from sensorium_vision.codes._detection import Detection
from sensorium_vision.domain import Code, Floats, Pixels, Symbology

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
_SYMBOLOGY = {
    getattr(zxingcpp.BarcodeFormat, name): symbology for symbology, names in _FORMATS.items() for name in names
}
_LARGEST_SEARCHED = 4_000_000  # pixels; above, codes large enough to be read survive the reduction
_MARGIN = 0.15  # of the box's longer side: quiet zones belong to a code
_SMALL_CROP = 320  # pixels; a smaller crop is also tried enlarged
_LARGE_CROP = 1200


def decode_picture(pixels: Pixels) -> list[Code]:
    """Codes that the decoder finds by itself, in coordinates of `pixels`."""
    grey, scale = _reduced(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8), _LARGEST_SEARCHED)
    return [
        _code(barcode, scale, (0, 0)) for barcode in zxingcpp.read_barcodes(grey, text_mode=zxingcpp.TextMode.Plain)
    ]


def decode_detection(pixels: Pixels, detection: Detection) -> Code | None:
    """The code in a box, tried in renderings from the plain to the far-fetched; None when none can be decoded."""
    grey, offset = _crop(pixels, detection)
    for rendering, scale in _renderings(grey):
        for barcode in zxingcpp.read_barcodes(rendering, text_mode=zxingcpp.TextMode.Plain):
            return _code(barcode, scale, offset, detection.score)
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
    common = float(np.prod(np.maximum(high - low, 0)))
    smaller = min(float(np.prod(np.ptp(first, axis=0))), float(np.prod(np.ptp(second, axis=0))))
    return common / smaller if smaller > 0 else 0.0


def in_order(codes: Sequence[Code]) -> list[Code]:
    """Codes from top to bottom, then left to right, by their centres."""
    return sorted(codes, key=lambda code: (float(code.polygon[:, 1].mean()), float(code.polygon[:, 0].mean())))


def _crop(pixels: Pixels, detection: Detection) -> tuple[Pixels, tuple[int, int]]:
    left, top, right, bottom = detection.box
    margin = _MARGIN * max(right - left, bottom - top) + 8
    x1, y1 = max(0, int(left - margin)), max(0, int(top - margin))
    x2, y2 = min(pixels.shape[1], int(right + margin) + 1), min(pixels.shape[0], int(bottom + margin) + 1)
    return np.asarray(cv2.cvtColor(pixels[y1:y2, x1:x2], cv2.COLOR_RGB2GRAY), np.uint8), (x1, y1)


def _renderings(grey: Pixels) -> Iterator[tuple[Pixels, float]]:
    """A crop as it is, smoothed, enlarged, sharpened, with its contrast evened out; each with its scale."""
    grey, base = _reduced(grey, _LARGE_CROP * _LARGE_CROP)
    yield grey, base
    for factor in (2.0, 3.0) if max(grey.shape) < _SMALL_CROP else (1.0, 0.5):
        sized = np.asarray(cv2.resize(grey, None, fx=factor, fy=factor, interpolation=_interpolation(factor)), np.uint8)
        if factor != 1.0:
            yield sized, base * factor
        for radius in (2.0 * factor, 4.0 * factor):
            yield _sharpened(sized, radius), base * factor
        yield np.asarray(cv2.createCLAHE(4.0, (4, 4)).apply(sized), np.uint8), base * factor


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


def _code(barcode: zxingcpp.Barcode, scale: float, offset: tuple[int, int], score: float = 0.0) -> Code:
    position = barcode.position
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    polygon = np.array([[point.x, point.y] for point in corners], np.float32) / np.float32(scale)
    return Code(
        _SYMBOLOGY.get(barcode.format, Symbology.OTHER_LINEAR),
        barcode.text,
        barcode.bytes,
        polygon + np.array(offset, np.float32),
        barcode.symbology_identifier,
        detection_score=score,
    )
