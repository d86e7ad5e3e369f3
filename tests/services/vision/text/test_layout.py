import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sensorium_vision.domain import Floats
from sensorium_vision.text._detection import Box
from sensorium_vision.text._layout import Line, directed_lines, flips, reading_order

UPPER, LOWER = (0, 0, 200, 20), (0, 30, 200, 50)


def rectangle(left: float, top: float, right: float, bottom: float) -> Floats:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def turned(points: Floats, degrees: float) -> Floats:
    """Clockwise, as the picture is seen, about the origin."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.asarray(points @ np.array([[cos, sin], [-sin, cos]]), np.float32)


@pytest.mark.parametrize("degrees", [0, 5, 90, 179, -5, -90, -179])
def test_a_line_knows_its_size_and_direction(degrees: float) -> None:
    line = Line(turned(rectangle(0, 0, 100, 20), degrees))
    assert line.rotation == pytest.approx(degrees, abs=1e-3)
    assert line.width == pytest.approx(100, rel=1e-5)
    assert line.height == pytest.approx(20, rel=1e-5)
    assert_allclose(line.direction, turned(np.array([1, 0], np.float32), degrees), atol=1e-6)


def test_a_line_that_is_upside_down_turns_by_180_degrees() -> None:
    line = Line(rectangle(0, 0, 100, 20))
    assert line.upside_down().rotation == 180.0
    assert_array_equal(line.upside_down().corners[0], line.corners[2])
    assert_array_equal(line.upside_down().upside_down().corners, line.corners)


def test_a_line_of_no_length_points_to_the_right_or_nowhere() -> None:
    line = Line(np.zeros((4, 2), np.float32))
    assert (line.width, line.height) == (0, 0)
    assert np.isfinite(line.direction).all()
    assert math.isfinite(line.rotation)


@settings(max_examples=200, deadline=None)
@given(st.floats(-88, 88), st.integers(0, 3))
def test_long_boxes_read_to_the_right_from_whichever_corner_they_are_given(degrees: float, first: int) -> None:
    corners = turned(rectangle(0, 0, 100, 20), degrees)
    (line,) = directed_lines([Box(np.roll(corners, -first, axis=0))])
    assert line.rotation == pytest.approx(degrees, abs=1e-2)
    assert_allclose(line.corners, corners, atol=1e-3)


@pytest.mark.parametrize("degrees", [90, -90])
def test_a_box_that_stands_reads_downwards(degrees: float) -> None:
    (line,) = directed_lines([Box(turned(rectangle(0, 0, 100, 20), degrees))])
    assert line.rotation == pytest.approx(90, abs=0.1)


@settings(max_examples=100, deadline=None)
@given(st.floats(-80, 80), st.integers(0, 3))
def test_a_short_box_follows_the_long_ones(degrees: float, first: int) -> None:
    short = np.roll(turned(rectangle(0, 40, 18, 60), degrees), -first, axis=0)  # a little higher than it is wide
    lines = directed_lines([Box(turned(rectangle(0, 0, 200, 20), degrees)), Box(short)])
    assert lines[1].rotation == pytest.approx(degrees, abs=1e-2)
    assert lines[1].width == pytest.approx(18, rel=1e-3)


def test_short_boxes_alone_are_taken_as_level() -> None:
    (line,) = directed_lines([Box(rectangle(0, 0, 20, 22))])
    assert line.rotation == pytest.approx(0, abs=1e-3)


def test_no_boxes_no_lines() -> None:
    assert directed_lines([]) == []
    assert reading_order([]) == []
    assert flips(np.zeros(0, np.float32), []) == []


@pytest.mark.parametrize(
    ("probabilities", "widths", "expected"),
    [
        ([0.01, 0.02], [10, 10], [False, False]),
        ([0.99, 0.98], [10, 10], [True, True]),
        ([0.99, 0.98, 0.4], [10, 10, 10], [True, True, True]),  # the uncertain follows
        ([0.01, 0.02, 0.6], [10, 10, 10], [False, False, False]),
        ([0.99, 0.01], [10, 10], [True, False]),  # the certain do not
        ([0.7, 0.2], [100, 1], [True, True]),  # the longer has more say
        ([0.7, 0.2], [0, 0], [False, False]),
    ],
)
def test_flips(probabilities: list[float], widths: list[float], expected: list[bool]) -> None:
    assert flips(np.array(probabilities, np.float32), widths) == expected


def lines_of(*rectangles: tuple[float, float, float, float], degrees: float = 0.0) -> list[Line]:
    return [Line(turned(rectangle(*corners), degrees)) for corners in rectangles]


def test_reading_order_is_row_by_row() -> None:
    lines = lines_of(LOWER, (210, 3, 300, 21), UPPER, (210, 29, 300, 51))
    assert reading_order(lines) == [2, 1, 0, 3]


@settings(max_examples=200, deadline=None)
@given(st.floats(-179, 180), st.permutations(range(6)))
def test_reading_order_does_not_depend_on_how_the_plate_is_turned(degrees: float, order: list[int]) -> None:
    cells = [(x, y, x + 150, y + 20) for y in (0, 40, 80) for x in (0, 200)]
    lines = lines_of(*(cells[i] for i in order), degrees=degrees)
    assert [order[i] for i in reading_order(lines)] == list(range(6))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(*[st.floats(-500, 500, width=32)] * 8), max_size=12))
def test_reading_order_is_a_permutation(corners: list[tuple[float, ...]]) -> None:
    lines = [Line(np.array(eight, np.float32).reshape(4, 2)) for eight in corners]
    assert sorted(reading_order(lines)) == list(range(len(lines)))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(*[st.floats(-500, 500, width=32)] * 8), min_size=1, max_size=12))
def test_any_boxes_become_lines_of_the_same_corners(corners: list[tuple[float, ...]]) -> None:
    boxes = [Box(np.array(eight, np.float32).reshape(4, 2)) for eight in corners]
    for box, line in zip(boxes, directed_lines(boxes), strict=True):
        assert sorted(map(tuple, line.corners.tolist())) == sorted(map(tuple, box.corners.tolist()))


@settings(max_examples=100, deadline=None)
@given(st.floats(0.5, 1.0), st.floats(-20, 20))
def test_a_line_seen_in_perspective_keeps_its_order_of_corners(far: float, degrees: float) -> None:
    assume(abs(degrees) > 0.01)
    trapezium = np.array([[0, 0], [200, 20 * (1 - far)], [200, 20 * (1 + far)], [0, 40]], np.float32)
    (line,) = directed_lines([Box(np.roll(turned(trapezium, degrees), 2, axis=0))])
    assert_allclose(line.corners, turned(trapezium, degrees), atol=1e-3)
