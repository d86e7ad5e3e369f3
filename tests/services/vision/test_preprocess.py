import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sensorium_vision.preprocess import central_square, letterbox, resize

sizes = st.integers(1, 60)


@settings(max_examples=150, deadline=None)
@given(sizes, sizes, sizes, sizes)
def test_resize_keeps_an_even_picture_even(width: int, height: int, new_width: int, new_height: int) -> None:
    result = resize(np.full((height, width, 3), 77, np.uint8), new_width, new_height)
    assert_array_equal(result, np.full((new_height, new_width, 3), 77, np.uint8))


def test_shrinking_averages() -> None:
    fine = np.tile(np.array([[0, 255], [255, 0]], np.uint8), (8, 8))
    result = resize(np.repeat(fine[:, :, np.newaxis], 3, axis=2), 4, 4)
    assert np.abs(result.astype(int) - 127).max() <= 1


def test_the_centre_keeps_seven_eighths_of_the_shorter_side() -> None:
    pixels = np.zeros((256, 512, 3), np.uint8)
    pixels[16:240, 144:368] = 200
    assert_array_equal(central_square(pixels, 224), np.full((1, 224, 224, 3), 200, np.uint8))


def test_a_picture_of_the_right_size_is_taken_whole() -> None:
    pixels = np.arange(224 * 224 * 3, dtype=np.uint32).astype(np.uint8).reshape(224, 224, 3)
    assert_array_equal(central_square(pixels, 224)[0], pixels)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 400), st.integers(1, 400))
def test_any_picture_has_a_centre(width: int, height: int) -> None:
    assert central_square(np.zeros((height, width, 3), np.uint8), 32).shape == (1, 32, 32, 3)


@pytest.mark.parametrize(
    ("size", "inner", "scale"),
    [
        ((200, 100), (64, 32), 0.32),
        ((100, 200), (32, 64), 0.32),
        ((32, 32), (64, 64), 2.0),
        ((640, 1), (64, 1), 0.1),
    ],
)
def test_letterbox(size: tuple[int, int], inner: tuple[int, int], scale: float) -> None:
    width, height = size
    image, actual = letterbox(np.full((height, width, 3), 9, np.uint8), 64, 114)
    assert actual == pytest.approx(scale)
    expected = np.full((1, 64, 64, 3), 114, np.uint8)
    expected[0, : inner[1], : inner[0]] = 9
    assert_array_equal(image, expected)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 3000), st.integers(1, 3000))
def test_any_picture_fits_its_letterbox(width: int, height: int) -> None:
    image, scale = letterbox(np.zeros((height, width, 3), np.uint8), 64, 114)
    assert image.shape == (1, 64, 64, 3)
    assert scale * max(width, height) == pytest.approx(64)
