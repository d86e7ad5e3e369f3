"""One way in for encoded pictures and raw frames."""

from dataclasses import dataclass

import numpy as np

from sensorium_vision.decoding._encoded import EncodedHeader, decode_encoded, read_encoded_header
from sensorium_vision.decoding._limits import ImageLimits, check_region
from sensorium_vision.decoding._raw import check_layout, decode_raw
from sensorium_vision.domain import EncodedImage, ImageSource, Picture, Pixels


@dataclass(frozen=True)
class ImageHeader:
    """What is known of a picture before it is decoded; `encoded` is None for a raw frame."""

    width: int
    height: int
    encoded: EncodedHeader | None

    @property
    def decoded_bytes(self) -> int:
        """Bytes that the picture takes at most while it is decoded: twice its own, for what a decoder holds besides."""
        return self.width * self.height * 6


def read_header(source: ImageSource, limits: ImageLimits) -> ImageHeader:
    """Checks everything that can be checked without decoding.

    Raises:
        InvalidInputError: the reasons named in `image.proto`.
    """
    content = source.content
    if isinstance(content, EncodedImage):
        encoded = read_encoded_header(content.data)
        header = ImageHeader(encoded.width, encoded.height, encoded)
        limits.check("image.encoded", header.width, header.height)
    else:
        header = ImageHeader(content.width, content.height, None)
        limits.check("image.raw_frame", header.width, header.height)
        check_layout(content)
    if source.region is not None:
        check_region(source.region, header.width, header.height)
    return header


def decode(source: ImageSource, header: ImageHeader) -> Picture:
    """The picture, cut to its region.

    Raises:
        InvalidInputError: IMAGE_CORRUPT.
    """
    pixels = _pixels(source, header)
    size = (header.width, header.height)
    region = source.region
    if region is None:
        return Picture(pixels, (0, 0), size)
    cut = pixels[region.y : region.y + region.height, region.x : region.x + region.width]
    return Picture(np.ascontiguousarray(cut), (region.x, region.y), size)


def _pixels(source: ImageSource, header: ImageHeader) -> Pixels:
    content = source.content
    if isinstance(content, EncodedImage):
        assert header.encoded is not None
        return decode_encoded(content.data, header.encoded)
    return decode_raw(content)
