"""Picture files: their size from the header by Pillow, their pixels by OpenCV, which releases the GIL."""

import io
import warnings
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from sensorium_core.errors import InvalidInputError
from sensorium_vision.decoding._structure import is_bounded
from sensorium_vision.domain import Pixels

FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP")
_FIELD = "image.encoded"
_EXIF_ORIENTATION = 274
_TRANSPOSED_ORIENTATIONS = (5, 6, 7, 8)

# The limit on pixels is this service's own and is checked on the size that Pillow reads; Pillow's would only warn.
Image.MAX_IMAGE_PIXELS = None
Image.preinit()
# What is wrong with a caller's picture is told to the caller, not written to the console.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


@dataclass(frozen=True)
class EncodedHeader:
    """A picture file's format and the size it will have once its orientation is applied."""

    format: str
    width: int
    height: int


def read_encoded_header(data: bytes) -> EncodedHeader:
    """Reads the header only; the cost depends neither on the picture's size nor on what the file is made of.

    Raises:
        InvalidInputError: IMAGE_FORMAT_UNSUPPORTED, or IMAGE_CORRUPT when the header itself is damaged.
    """
    if not is_bounded(data):
        raise _corrupt()
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            if image.format != "TIFF" and _is_transposed(image):  # Pillow has turned a TIFF's size already
                width, height = height, width
            return EncodedHeader(str(image.format), width, height)
    except UnidentifiedImageError as error:
        raise _unreadable(data) from error
    except Exception as error:  # Pillow raises nearly anything for a damaged header
        raise _corrupt() from error


def decode_encoded(data: bytes, header: EncodedHeader) -> Pixels:
    """The picture as `uint8[H,W,3]`, RGB, its EXIF orientation applied.

    Raises:
        InvalidInputError: IMAGE_CORRUPT: cut short, or damaged.
    """
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error as error:
        raise _corrupt() from error
    if pixels is None or pixels.shape != (header.height, header.width, 3) or pixels.dtype != np.uint8:
        raise _corrupt()
    return np.asarray(pixels, np.uint8)


def _is_transposed(image: Image.Image) -> bool:
    exif = Image.Exif()
    try:
        exif.load(image.info.get("exif", b""))
        orientation = exif.get(_EXIF_ORIENTATION)
    except Exception:  # Pillow raises nearly anything for damaged EXIF data, and the picture beside it may be whole
        return False
    return orientation in _TRANSPOSED_ORIENTATIONS


# The first bytes of the formats, to tell a damaged picture from something that is none.
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")


def _unreadable(data: bytes) -> InvalidInputError:
    if data.startswith(_MAGIC) or (data.startswith(b"RIFF") and data[8:12] == b"WEBP"):
        return _corrupt()
    text = f"not a picture in one of the formats that are read: {', '.join(FORMATS)}"
    return InvalidInputError.field(_FIELD, text, reason="IMAGE_FORMAT_UNSUPPORTED")


def _corrupt() -> InvalidInputError:
    text = "the picture is damaged, cut short, or of a kind that is not read: samples have 1 to 16 bits, no fractions"
    return InvalidInputError.field(_FIELD, text, reason="IMAGE_CORRUPT")
