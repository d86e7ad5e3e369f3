from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_array_equal

from sensorium.type.v1 import image_pb2
from sensorium_client import InvalidInputError, PixelFormat, RawFrame
from sensorium_client._vision.pictures import image_message

SHAPES = st.one_of(
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    st.tuples(st.integers(1, 12), st.integers(1, 12), st.just(3)),
)


def read_back(frame: image_pb2.RawFrame) -> np.ndarray[Any, Any]:
    """The array that a server would see."""
    rgb = frame.pixel_format in (image_pb2.PIXEL_FORMAT_RGB8, image_pb2.PIXEL_FORMAT_BGR8)
    dtype = "<u2" if frame.pixel_format == image_pb2.PIXEL_FORMAT_MONO16 else "u1"
    shape = (frame.height, frame.width, 3) if rgb else (frame.height, frame.width)
    return np.frombuffer(frame.data, dtype).reshape(shape)


@st.composite
def arrays(draw: st.DrawFn) -> np.ndarray[Any, Any]:
    """Pictures of every dtype and memory layout: transposed, cut out, reversed, of foreign byte order, read-only."""
    shape = draw(SHAPES)
    dtype = "u1" if len(shape) == 3 else draw(st.sampled_from(["u1", "<u2", ">u2"]))
    array: np.ndarray[Any, Any] = draw(hnp.arrays(dtype, shape))
    layout = draw(st.sampled_from(["plain", "fortran", "transposed", "reversed", "padded", "thinned"]))
    if layout == "fortran":
        array = np.asfortranarray(array)
    elif layout == "transposed":
        array = np.swapaxes(array, 0, 1)
    elif layout == "reversed":
        array = array[::-1, ::-1]
    elif layout == "padded":
        array = np.pad(array, [(0, 0), (1, 3)] + [(0, 0)] * (array.ndim - 2))[:, 1:-3]
    elif layout == "thinned":
        array = np.repeat(array, 2, axis=1)[:, ::2]
    array.flags.writeable = draw(st.booleans()) and array.flags.writeable
    return array


@given(array=arrays())
def test_any_array_comes_back_as_it_was(array: np.ndarray[Any, Any]) -> None:
    frame = image_message(array, region=None, pixel_format=None).raw_frame
    assert_array_equal(read_back(frame), array)
    assert frame.stride == 0


@pytest.mark.parametrize(
    ("shape", "dtype", "wanted", "expected"),
    [
        ((4, 6), "u1", None, PixelFormat.MONO8),
        ((4, 6, 1), "u1", None, PixelFormat.MONO8),
        ((4, 6), "u1", PixelFormat.BAYER_GB8, PixelFormat.BAYER_GB8),
        ((4, 6), "u2", None, PixelFormat.MONO16),
        ((4, 6, 3), "u1", None, PixelFormat.RGB8),
        ((4, 6, 3), "u1", PixelFormat.BGR8, PixelFormat.BGR8),
        ((4, 6, 2), "u1", None, PixelFormat.YUV422_8),
    ],
)
def test_format(shape: tuple[int, ...], dtype: str, wanted: PixelFormat | None, expected: PixelFormat) -> None:
    frame = RawFrame.from_array(np.zeros(shape, dtype), wanted)
    assert (frame.width, frame.height, frame.pixel_format) == (6, 4, expected)
    assert int(frame.to_proto().pixel_format) == int(expected)


@pytest.mark.parametrize(
    ("array", "wanted"),
    [
        (np.zeros((4, 6), "i1"), None),
        (np.zeros((4, 6), "f4"), None),
        (np.zeros((4, 6), "?"), None),
        (np.zeros((4, 6, 4), "u1"), None),
        (np.zeros((4, 6, 3), "u2"), None),
        (np.zeros((4,), "u1"), None),
        (np.zeros((4, 6), "u1"), PixelFormat.RGB8),
        (np.zeros((4, 6, 3), "u1"), PixelFormat.MONO8),
        (np.zeros((0, 6), "u1"), None),
    ],
)
def test_arrays_that_are_no_pictures(array: np.ndarray[Any, Any], wanted: PixelFormat | None) -> None:
    with pytest.raises(InvalidInputError):
        RawFrame.from_array(array, wanted)


def test_mono16_is_little_endian() -> None:
    frame = RawFrame.from_array(np.array([[0x1234]], ">u2"))
    assert frame.data == b"\x34\x12"


def test_the_text_names_what_was_given() -> None:
    with pytest.raises(InvalidInputError, match=r"float64\[2, 3\] cannot be sent as MONO8"):
        RawFrame.from_array(np.zeros((2, 3)), PixelFormat.MONO8)


def test_pixel_format_is_for_arrays() -> None:
    with pytest.raises(InvalidInputError, match="not an array"):
        image_message(b"x", region=None, pixel_format=PixelFormat.RGB8)


@pytest.mark.parametrize("picture", [None, 7, ["a"]])
def test_other_things_are_no_pictures(picture: Any) -> None:
    with pytest.raises(InvalidInputError, match=type(picture).__name__):
        image_message(picture, region=None, pixel_format=None)


@pytest.mark.parametrize("region", [(1, 2, 3), "abcd", (1, 2, 3, 2**40), 5])
def test_regions_that_are_none(region: Any) -> None:
    with pytest.raises(InvalidInputError, match="four whole numbers") as caught:
        image_message(b"x", region=region, pixel_format=None)
    assert caught.value.violations[0].field == "image.region"


def test_views_of_the_caller_are_not_kept() -> None:
    array = np.zeros((2, 2), np.uint8)
    frame = RawFrame.from_array(array)
    array[:] = 9
    assert frame.data == bytes(4)
