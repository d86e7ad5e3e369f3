"""Raw camera frames, by their PFNC pixel format."""

import cv2
import numpy as np

from sensorium_core.errors import InvalidInputError
from sensorium_vision.domain import PixelFormat, Pixels, RawFrame

_FIELD = "image.raw_frame"
# OpenCV names a Bayer pattern by its first two rows, as PFNC does in its first two letters.
_BAYER = {
    PixelFormat.BAYER_GR8: cv2.COLOR_BayerGRBG2RGB,
    PixelFormat.BAYER_RG8: cv2.COLOR_BayerRGGB2RGB,
    PixelFormat.BAYER_GB8: cv2.COLOR_BayerGBRG2RGB,
    PixelFormat.BAYER_BG8: cv2.COLOR_BayerBGGR2RGB,
}


def check_layout(frame: RawFrame) -> None:
    """Refuses a frame whose sizes do not fit together.

    Raises:
        InvalidInputError: RAW_FRAME_STRIDE, RAW_FRAME_SIZE or RAW_FRAME_FORMAT.
    """
    row, stride = _row_bytes(frame), _stride(frame)
    if stride < row:
        text = f"{stride} bytes is less than a row of {frame.width} pixels takes, {row} bytes; 0 stands for no gap"
        raise InvalidInputError.field(f"{_FIELD}.stride", text, reason="RAW_FRAME_STRIDE")
    least, most = stride * (frame.height - 1) + row, stride * frame.height
    if not least <= len(frame.data) <= most:
        text = f"{len(frame.data)} bytes, expected {least} to {most} for {frame.height} rows of stride {stride}"
        raise InvalidInputError.field(f"{_FIELD}.data", text, reason="RAW_FRAME_SIZE")
    if frame.pixel_format is PixelFormat.YUV422_8 and frame.width % 2:
        text = f"{frame.width} is odd; YUV422_8 shares colour between two pixels"
        raise InvalidInputError.field(f"{_FIELD}.width", text, reason="RAW_FRAME_FORMAT")
    if frame.pixel_format in _BAYER and min(frame.width, frame.height) < 2:
        text = "a Bayer pattern needs at least 2 x 2 pixels"
        raise InvalidInputError.field(f"{_FIELD}.pixel_format", text, reason="RAW_FRAME_FORMAT")


def decode_raw(frame: RawFrame) -> Pixels:
    """The frame as `uint8[H,W,3]`, RGB. Its layout has been checked."""
    rows = np.ndarray((frame.height, _row_bytes(frame)), np.uint8, frame.data, strides=(_stride(frame), 1))
    packed = np.ascontiguousarray(rows)
    if frame.pixel_format in _BAYER:
        return _bayer(packed, _BAYER[frame.pixel_format])
    return _DECODERS[frame.pixel_format](packed, frame.width)


def _row_bytes(frame: RawFrame) -> int:
    return frame.width * frame.pixel_format.bytes_per_pixel


def _stride(frame: RawFrame) -> int:
    return frame.stride or _row_bytes(frame)


def _as_pixels(image: object) -> Pixels:
    return np.asarray(image, np.uint8)


def _bayer(rows: Pixels, conversion: int) -> Pixels:
    if min(rows.shape) > 2:
        return _as_pixels(cv2.cvtColor(rows, conversion))
    # OpenCV leaves so narrow a frame black. An even border, mirrored, continues the pattern.
    bordered = cv2.copyMakeBorder(rows, 2, 2, 2, 2, cv2.BORDER_REFLECT_101)
    return np.ascontiguousarray(_as_pixels(cv2.cvtColor(bordered, conversion))[2:-2, 2:-2])


def _mono8(rows: Pixels, _width: int) -> Pixels:
    return _as_pixels(cv2.cvtColor(rows, cv2.COLOR_GRAY2RGB))


def _mono16(rows: Pixels, width: int) -> Pixels:
    # The high byte of each little-endian sample: full range 16 bits to 8 bits.
    return _mono8(np.ascontiguousarray(rows[:, 1::2]), width)


def _rgb8(rows: Pixels, width: int) -> Pixels:
    return rows.reshape(rows.shape[0], width, 3)


def _bgr8(rows: Pixels, width: int) -> Pixels:
    return _as_pixels(cv2.cvtColor(_rgb8(rows, width), cv2.COLOR_BGR2RGB))


def _yuv422_8(rows: Pixels, width: int) -> Pixels:
    # PFNC's YUV is full range, unlike the video range that OpenCV's own YUV422 conversions expect.
    quads = rows.reshape(rows.shape[0], width // 2, 4)
    luma = quads[:, :, 0::2].reshape(rows.shape[0], width)
    blue = np.repeat(quads[:, :, 1], 2, axis=1)
    red = np.repeat(quads[:, :, 3], 2, axis=1)
    return _as_pixels(cv2.cvtColor(np.dstack((luma, red, blue)), cv2.COLOR_YCrCb2RGB))


_DECODERS = {
    PixelFormat.MONO8: _mono8,
    PixelFormat.MONO16: _mono16,
    PixelFormat.RGB8: _rgb8,
    PixelFormat.BGR8: _bgr8,
    PixelFormat.YUV422_8: _yuv422_8,
}
