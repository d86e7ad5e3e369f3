"""From the pictures that a caller has to the protobuf message `sensorium.type.v1.Image`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from sensorium.type.v1 import geometry_pb2, image_pb2
from sensorium_client._errors import ErrorDetails, FieldViolation, InvalidInputError
from sensorium_client._files import check_size, load

Region: TypeAlias = tuple[int, int, int, int]
"""x, y, width, height in pixels of the original picture."""


class PixelFormat(IntEnum):
    """Layout of a pixel in a raw frame; the numbers are GenICam's PFNC codes."""

    MONO8 = image_pb2.PIXEL_FORMAT_MONO8
    MONO16 = image_pb2.PIXEL_FORMAT_MONO16
    BAYER_GR8 = image_pb2.PIXEL_FORMAT_BAYER_GR8
    BAYER_RG8 = image_pb2.PIXEL_FORMAT_BAYER_RG8
    BAYER_GB8 = image_pb2.PIXEL_FORMAT_BAYER_GB8
    BAYER_BG8 = image_pb2.PIXEL_FORMAT_BAYER_BG8
    RGB8 = image_pb2.PIXEL_FORMAT_RGB8
    BGR8 = image_pb2.PIXEL_FORMAT_BGR8
    YUV422_8 = image_pb2.PIXEL_FORMAT_YUV422_8


@dataclass(frozen=True)
class RawFrame:
    """A frame as a camera hands it over; checked by the server, not here."""

    width: int
    height: int
    pixel_format: PixelFormat
    data: bytes
    stride: int = 0
    """Bytes from row to row; 0 when the rows follow each other without a gap."""

    @classmethod
    def from_array(cls, array: npt.NDArray[Any], pixel_format: PixelFormat | None = None) -> RawFrame:
        """Frame with the pixels of an array of any memory layout and byte order.

        Args:
            array: `uint8[H,W]` (Mono8 by default, or a Bayer format), `uint16[H,W]` (Mono16), `uint8[H,W,3]` (RGB8
                by default, or BGR8) or `uint8[H,W,2]` (YUV422_8: Y and U, Y and V by turns).
            pixel_format: what the numbers mean, where the default is not it.

        Raises:
            InvalidInputError: the array's shape or dtype is none of these, or does not fit the pixel format.
        """
        array = np.asarray(array)
        chosen = _format_of(array, pixel_format)
        if array.size == 0:
            raise InvalidInputError(f"an array of shape {array.shape} has no pixels")
        check_size(array.nbytes, "the array")
        little_endian = array.astype(array.dtype.newbyteorder("<"), copy=False)
        return cls(array.shape[1], array.shape[0], chosen, little_endian.tobytes())

    def to_proto(self) -> image_pb2.RawFrame:
        """The protobuf message."""
        return image_pb2.RawFrame(
            width=self.width,
            height=self.height,
            stride=self.stride,
            pixel_format=f"PIXEL_FORMAT_{PixelFormat(self.pixel_format).name}",
            data=self.data,
        )


Picture: TypeAlias = bytes | bytearray | memoryview | str | os.PathLike[str] | npt.NDArray[Any] | RawFrame
"""A picture file's bytes, a path (also as `str`), an array of pixels, or a raw frame."""

_ONE_BYTE = (
    PixelFormat.MONO8,
    PixelFormat.BAYER_GR8,
    PixelFormat.BAYER_RG8,
    PixelFormat.BAYER_GB8,
    PixelFormat.BAYER_BG8,
)
# (item size in bytes, channels) of an array to the formats it can hold, the default first; no channels: two dimensions
_FORMATS: dict[tuple[int, int | None], tuple[PixelFormat, ...]] = {
    (1, None): _ONE_BYTE,
    (2, None): (PixelFormat.MONO16,),
    (1, 1): _ONE_BYTE,
    (2, 1): (PixelFormat.MONO16,),
    (1, 2): (PixelFormat.YUV422_8,),
    (1, 3): (PixelFormat.RGB8, PixelFormat.BGR8),
}


def image_message(picture: Picture, *, region: Region | None, pixel_format: PixelFormat | None) -> image_pb2.Image:
    """The protobuf message for a picture; reads the file when it is a path.

    Raises:
        InvalidInputError: a file that cannot be read, an array that is no picture, a region that is not four numbers.
        MessageTooLargeError: more than 32 MiB.
    """
    if isinstance(picture, np.ndarray):
        picture = RawFrame.from_array(picture, pixel_format)
    elif pixel_format is not None:
        raise InvalidInputError("pixel_format tells how to read an array; this picture is not an array")
    where = None if region is None else _region_message(region)
    if isinstance(picture, RawFrame):
        check_size(len(picture.data), "the frame")
        return image_pb2.Image(raw_frame=picture.to_proto(), region=where)
    return image_pb2.Image(encoded=_encoded(picture), region=where)


def _encoded(picture: bytes | bytearray | memoryview | str | os.PathLike[str]) -> bytes:
    if isinstance(picture, str | os.PathLike):
        return load(picture)
    if not isinstance(picture, bytes | bytearray | memoryview):
        raise InvalidInputError(f"a picture is bytes, a path, an array or a RawFrame, not {type(picture).__name__}")
    check_size(memoryview(picture).nbytes, "the picture")
    return bytes(picture)


def _format_of(array: npt.NDArray[Any], wanted: PixelFormat | None) -> PixelFormat:
    channels = array.shape[2] if array.ndim == 3 else None
    unsigned = array.dtype.kind == "u" and array.ndim in (2, 3)
    possible = _FORMATS.get((array.dtype.itemsize, channels), ()) if unsigned else ()
    if possible and (wanted is None or wanted in possible):
        return possible[0] if wanted is None else wanted
    asked = f" as {wanted.name}" if wanted is not None else ""
    given = f"{array.dtype}{list(array.shape)}"
    text = f"an array {given} cannot be sent{asked}; use uint8[H,W], uint16[H,W] or uint8[H,W,3]"
    details = ErrorDetails(reason="ARRAY_UNSUPPORTED", violations=(FieldViolation("image.raw_frame", text),))
    raise InvalidInputError(text, details=details)


def _region_message(region: Region) -> geometry_pb2.Region:
    try:
        x, y, width, height = (int(number) for number in region)
        return geometry_pb2.Region(x=x, y=y, width=width, height=height)
    except (TypeError, ValueError):
        text = "a region is four whole numbers: x, y, width, height"
        details = ErrorDetails(violations=(FieldViolation("image.region", text),))
        raise InvalidInputError(text, details=details) from None
