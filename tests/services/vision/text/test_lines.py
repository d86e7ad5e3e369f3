import itertools

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sensorium_vision.domain import Floats, Pixels
from sensorium_vision.text._layout import Line
from sensorium_vision.text._lines import (
    WIDTHS,
    cut_line,
    decode_ctc,
    orientation_tensor,
    padded,
    upside_down,
    width_bucket,
)
from services.vision.text.test_layout import rectangle, turned

ALPHABET = ["", "A", "B", "C", " "]


def strip(width: int, value: int = 9) -> Pixels:
    return np.full((48, width, 3), value, np.uint8)


def picture_of_bands(turn: float = 0.0) -> tuple[Pixels, Floats]:
    """A plate, red on the left, blue on the right, turned about the middle of a grey picture; with its corners."""
    corners = turned(rectangle(-80, -12, 80, 12), turn) + np.float32(150)
    pixels = np.full((300, 300, 3), 128, np.uint8)
    middle = (corners[0] + corners[1]) / 2, (corners[3] + corners[2]) / 2
    for quad, colour in (
        ([corners[0], middle[0], middle[1], corners[3]], (255, 0, 0)),
        ([middle[0], corners[1], corners[2], middle[1]], (0, 0, 255)),
    ):
        cv2.fillPoly(pixels, [np.round(quad).astype(np.int32)], colour)
    return pixels, corners


@pytest.mark.parametrize("turn", [0, 5, 37, 90, 135, 180, -90])
def test_a_line_is_cut_upright_however_it_is_turned(turn: float) -> None:
    pixels, corners = picture_of_bands(turn)
    cut = cut_line(pixels, Line(corners), (0, 0))
    assert cut.shape == (48, 320, 3)
    assert_array_equal(cut[24, 40], [255, 0, 0])
    assert_array_equal(cut[24, 280], [0, 0, 255])


def test_the_region_s_offset_is_taken_off() -> None:
    pixels, corners = picture_of_bands()
    region = np.ascontiguousarray(pixels[100:, 50:])
    assert_array_equal(cut_line(region, Line(corners), (50, 100)), cut_line(pixels, Line(corners), (0, 0)))


@settings(max_examples=100, deadline=None)
@given(st.tuples(*[st.floats(-100, 400, width=32)] * 4), st.floats(-180, 180))
def test_any_line_is_cut_at_the_right_height(box: tuple[float, float, float, float], turn: float) -> None:
    cut = cut_line(np.zeros((60, 80, 3), np.uint8), Line(turned(rectangle(*box), turn)), (0, 0))
    assert cut.shape[0] == 48
    assert 8 <= cut.shape[1] <= WIDTHS[-1]
    assert cut.dtype == np.uint8


def test_width_buckets() -> None:
    assert [width_bucket(strip(width)) for width in (8, 96, 97, 2528)] == [96, 96, 128, 2528]
    # Each is at most a third wider than the one before.
    assert all(wide <= narrow * 4 / 3 + 16 for narrow, wide in itertools.pairwise(WIDTHS))
    assert all(width % 8 == 0 for width in WIDTHS)


def test_padded_pads_and_cuts_on_the_right() -> None:
    tensor = padded([strip(4), strip(12)], 8)
    assert tensor.shape == (2, 48, 8, 3)
    assert_array_equal(tensor[0, 0, :, 0], [9] * 4 + [127] * 4)
    assert_array_equal(tensor[1, 0, :, 0], [9] * 8)
    assert padded([], 8).shape == (0, 48, 8, 3)


def test_orientation_sees_the_beginning() -> None:
    long = strip(500)
    long[:, 192:] = 255
    assert_array_equal(orientation_tensor([long]), np.full((1, 48, 192, 3), 9, np.uint8))


def test_upside_down_turns_by_180_degrees() -> None:
    marked = strip(3)
    marked[0, 0] = (1, 2, 3)
    result = upside_down(marked)
    assert_array_equal(result[-1, -1], [1, 2, 3])
    assert result.flags.c_contiguous


def read(indices: list[int], spaces: list[float] | None = None) -> str:
    confidences = np.full(len(indices), 0.5, np.float32)
    between = np.array(spaces if spaces is not None else [0.0] * len(indices), np.float32)
    return "".join(text for text, _ in decode_ctc(np.array(indices, np.int32), confidences, between, ALPHABET))


@pytest.mark.parametrize(
    ("indices", "text"),
    [
        ([], ""),
        ([0, 0, 0], ""),
        ([1, 1, 1], "A"),
        ([1, 0, 1], "AA"),
        ([1, 2, 2, 0, 2, 3], "ABBC"),
        ([4, 1, 4, 4, 2, 4], "A B"),
        ([4, 4, 4], ""),
    ],
)
def test_decode_ctc(indices: list[int], text: str) -> None:
    assert read(indices) == text


def test_a_character_has_the_confidence_of_its_first_step() -> None:
    steps = np.array([1, 1, 0, 2], np.int32)
    confidences = np.array([0.25, 0.75, 1.0, 0.5], np.float32)
    assert decode_ctc(steps, confidences, np.zeros(4, np.float32), ALPHABET) == (("A", 0.25), ("B", 0.5))


@pytest.mark.parametrize(
    ("spaces", "text"),
    [
        ([0, 0, 0, 0], "AB"),
        ([0, 0.2, 0.2, 0], "A B"),  # each step prefers the blank, together they say space
        ([0, 0.05, 0.05, 0], "AB"),
        ([0.9, 0, 0, 0.9], "AB"),  # what is said at the characters themselves is not between them
    ],
)
def test_a_space_between_characters_may_be_spread_over_steps(spaces: list[float], text: str) -> None:
    assert read([1, 0, 0, 2], spaces) == text


def test_a_space_is_not_doubled_and_not_put_at_the_ends() -> None:
    assert read([1, 0, 4, 0, 2], [0, 0.3, 0.9, 0.3, 0]) == "A B"
    assert read([0, 0, 1, 0, 0], [0.9, 0.9, 0, 0.9, 0.9]) == "A"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 1, width=32)), max_size=30))
def test_decode_ctc_equals_the_slow_way(steps: list[tuple[int, float]]) -> None:
    expected: list[tuple[str, float]] = []
    previous = 0
    for index, confidence in steps:
        if index not in (0, previous):
            expected.append((ALPHABET[index], confidence))
        previous = index
    while expected and expected[0][0] == " ":
        del expected[0]
    while expected and expected[-1][0] == " ":
        del expected[-1]
    indices = np.array([index for index, _ in steps], np.int32)
    confidences = np.array([confidence for _, confidence in steps], np.float32)
    assert list(decode_ctc(indices, confidences, np.zeros(len(steps), np.float32), ALPHABET)) == expected
