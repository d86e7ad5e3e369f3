from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sensorium_core.errors import InvalidInputError
from sensorium_vision.codes._decoding import decode_picture
from sensorium_vision.decoding import decode, read_header
from sensorium_vision.decoding._raw import check_layout, decode_raw
from sensorium_vision.domain import ImageSource, PixelFormat, Pixels, RawFrame, Region
from sensorium_vision.preprocess import central_square, letterbox
from services.vision import files

RED, GREEN, BLUE, GREY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 128, 128)
BAYER = {
    PixelFormat.BAYER_GR8: "GRBG",
    PixelFormat.BAYER_RG8: "RGGB",
    PixelFormat.BAYER_GB8: "GBRG",
    PixelFormat.BAYER_BG8: "BGGR",
}
PLAIN = [PixelFormat.MONO8, PixelFormat.MONO16, PixelFormat.RGB8, PixelFormat.BGR8, PixelFormat.YUV422_8]


def frame(pixel_format: PixelFormat, width: int, height: int, data: bytes, stride: int = 0) -> RawFrame:
    return RawFrame(width, height, stride, pixel_format, data)


def refusal(broken: RawFrame) -> tuple[str, str]:
    with pytest.raises(InvalidInputError) as caught:
        check_layout(broken)
    (violation,) = caught.value.violations
    return caught.value.reason, violation.field


def decoded(raw: RawFrame) -> Pixels:
    check_layout(raw)
    return decode_raw(raw)


def test_mono8() -> None:
    assert_array_equal(decoded(frame(PixelFormat.MONO8, 2, 1, b"\x00\x80"))[0], [[0, 0, 0], GREY])


def test_mono16_is_little_endian_and_keeps_its_high_byte() -> None:
    pixels = decoded(frame(PixelFormat.MONO16, 3, 1, b"\xff\x00\x00\x80\xff\xff"))
    assert_array_equal(pixels[0], [[0, 0, 0], GREY, [255, 255, 255]])


def test_rgb8_and_bgr8() -> None:
    data = bytes([*RED, *GREEN, *BLUE, *GREY])
    assert_array_equal(decoded(frame(PixelFormat.RGB8, 2, 2, data)), [[RED, GREEN], [BLUE, GREY]])
    assert_array_equal(decoded(frame(PixelFormat.BGR8, 2, 2, data)), [[BLUE, GREEN], [RED, GREY]])


@pytest.mark.parametrize(
    ("yuv", "rgb"),
    [
        # Full range BT.601, as JPEG has it.
        ((76, 85, 255), RED),
        ((150, 44, 21), GREEN),
        ((29, 255, 107), BLUE),
        ((128, 128, 128), GREY),
        ((0, 128, 128), (0, 0, 0)),
        ((255, 128, 128), (255, 255, 255)),
        ((226, 1, 149), (255, 255, 1)),
    ],
)
def test_yuv422_is_full_range_bt601(yuv: tuple[int, int, int], rgb: tuple[int, int, int]) -> None:
    luma, blue, red = yuv
    pixels = decoded(frame(PixelFormat.YUV422_8, 2, 2, bytes([luma, blue, luma, red] * 2)))
    assert np.abs(pixels.astype(int) - rgb).max() <= 2


def test_yuv422_shares_colour_and_not_brightness() -> None:
    pixels = decoded(frame(PixelFormat.YUV422_8, 4, 1, bytes([10, 128, 20, 128, 30, 128, 40, 128])))
    assert_array_equal(pixels[0, :, 0], [10, 20, 30, 40])


@pytest.mark.parametrize("size", [(2, 2), (3, 2), (2, 3), (2, 7), (3, 3), (8, 6), (9, 7)])
@pytest.mark.parametrize("colour", [RED, GREEN, BLUE, GREY, (10, 120, 230)])
@pytest.mark.parametrize("pixel_format", BAYER)
def test_bayer_frames_of_one_colour(
    pixel_format: PixelFormat, colour: tuple[int, int, int], size: tuple[int, int]
) -> None:
    width, height = size
    pixels = decoded(frame(pixel_format, width, height, mosaic(BAYER[pixel_format], colour, width, height).tobytes()))
    assert pixels.shape == (height, width, 3)
    assert_array_equal(pixels, np.broadcast_to(np.array(colour, np.uint8), pixels.shape))


def mosaic(pattern: str, colour: tuple[int, int, int], width: int, height: int) -> Pixels:
    cell = np.array([colour["RGB".index(letter)] for letter in pattern], np.uint8).reshape(2, 2)
    return np.tile(cell, (height // 2 + 1, width // 2 + 1))[:height, :width]


def test_a_bayer_frame_has_its_colours_in_their_places() -> None:
    left, right = mosaic("RGGB", RED, 8, 8), mosaic("RGGB", BLUE, 8, 8)
    pixels = decoded(frame(PixelFormat.BAYER_RG8, 16, 8, np.hstack([left, right]).tobytes()))
    assert_array_equal(pixels[4, 3], RED)
    assert_array_equal(pixels[4, 12], BLUE)


REFERENCES: dict[PixelFormat, Callable[[bytes, int], list[tuple[int, int, int]]]] = {
    PixelFormat.MONO8: lambda row, width: [(row[x],) * 3 for x in range(width)],
    PixelFormat.MONO16: lambda row, width: [((row[2 * x] + 256 * row[2 * x + 1]) // 256,) * 3 for x in range(width)],
    PixelFormat.RGB8: lambda row, width: [(row[3 * x], row[3 * x + 1], row[3 * x + 2]) for x in range(width)],
    PixelFormat.BGR8: lambda row, width: [(row[3 * x + 2], row[3 * x + 1], row[3 * x]) for x in range(width)],
    PixelFormat.YUV422_8: lambda row, width: [
        yuv_to_rgb(row[2 * x], row[x // 2 * 4 + 1], row[x // 2 * 4 + 3]) for x in range(width)
    ],
}


def yuv_to_rgb(luma: int, blue: int, red: int) -> tuple[int, int, int]:
    colour = (
        luma + 1.402 * (red - 128),
        luma - 0.344136 * (blue - 128) - 0.714136 * (red - 128),
        luma + 1.772 * (blue - 128),
    )
    r, g, b = (min(255, max(0, round(value))) for value in colour)
    return r, g, b


@st.composite
def frames(draw: st.DrawFn) -> RawFrame:
    pixel_format = draw(st.sampled_from(PLAIN))
    width, height = draw(st.integers(1, 9)), draw(st.integers(1, 6))
    if pixel_format is PixelFormat.YUV422_8:
        width *= 2
    row = width * pixel_format.bytes_per_pixel
    stride = draw(st.sampled_from([0, row, row + 1, row + 16]))
    whole = (stride or row) * height
    size = draw(st.sampled_from([whole, whole - (stride or row) + row]))
    return frame(pixel_format, width, height, draw(st.binary(min_size=size, max_size=size)), stride)


@settings(max_examples=200, deadline=None)
@given(frames())
def test_a_frame_decodes_as_the_slow_way_does(raw: RawFrame) -> None:
    stride = raw.stride or raw.width * raw.pixel_format.bytes_per_pixel
    rows = [raw.data[y * stride :] for y in range(raw.height)]
    expected = np.array([REFERENCES[raw.pixel_format](row, raw.width) for row in rows], int)
    pixels = decoded(raw)
    assert pixels.dtype == np.uint8
    assert pixels.shape == (raw.height, raw.width, 3)
    assert np.abs(pixels - expected).max() <= (1 if raw.pixel_format is PixelFormat.YUV422_8 else 0)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(PixelFormat),
    st.integers(1, 40),
    st.integers(1, 40),
    st.one_of(st.just(0), st.integers(1, 150), st.just(2**31 - 1)),
    st.integers(1, 3000),
)
def test_any_layout_decodes_or_is_refused_by_name(
    pixel_format: PixelFormat, width: int, height: int, stride: int, size: int
) -> None:
    raw = frame(pixel_format, width, height, bytes(size), stride)
    row = width * pixel_format.bytes_per_pixel
    step = stride or row
    if step < row:
        assert refusal(raw) == ("RAW_FRAME_STRIDE", "image.raw_frame.stride")
    elif not step * (height - 1) + row <= size <= step * height:
        assert refusal(raw) == ("RAW_FRAME_SIZE", "image.raw_frame.data")
    elif pixel_format is PixelFormat.YUV422_8 and width % 2:
        assert refusal(raw) == ("RAW_FRAME_FORMAT", "image.raw_frame.width")
    elif pixel_format in BAYER and min(width, height) < 2:
        assert refusal(raw) == ("RAW_FRAME_FORMAT", "image.raw_frame.pixel_format")
    else:
        assert decoded(raw).shape == (height, width, 3)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(PixelFormat), st.integers(2, 10), st.integers(2, 10), st.integers(-50, 50).filter(bool))
def test_a_byte_too_few_or_too_many_is_refused(pixel_format: PixelFormat, width: int, height: int, error: int) -> None:
    size = width * height * pixel_format.bytes_per_pixel
    assert refusal(frame(pixel_format, width, height, bytes(max(0, size + error))))[0] == "RAW_FRAME_SIZE"


def test_a_region_of_a_frame() -> None:
    data = np.arange(12, dtype=np.uint8).reshape(3, 4)
    source = ImageSource(frame(PixelFormat.MONO8, 4, 3, data.tobytes()), Region(1, 1, 2, 2))
    picture = decode(source, read_header(source, files.LIMITS))
    assert_array_equal(picture.pixels[:, :, 0], [[5, 6], [9, 10]])
    assert (picture.offset, picture.size) == ((1, 1), (4, 3))


def test_pixels_that_are_the_message_s_own_bytes_serve_everywhere() -> None:
    pixels = decoded(frame(PixelFormat.RGB8, 64, 48, bytes(64 * 48 * 3)))
    assert not pixels.flags.writeable
    assert central_square(pixels, 32).shape == (1, 32, 32, 3)
    assert letterbox(pixels, 32, 114)[0].shape == (1, 32, 32, 3)
    assert decode_picture(pixels) == []
    assert cv2.warpAffine(pixels, np.eye(2, 3), (4, 4)).shape == (4, 4, 3)
