import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensorium_vision.domain import Floats, Pixels
from sensorium_vision.text._detection import _AUTOMATIC_LIMIT, detection_tensor, find_boxes, working_size


@pytest.mark.parametrize(
    ("size", "side_limit", "expected"),
    [
        ((640, 480), 0, (640, 480)),
        ((100, 50), 0, (320, 160)),
        ((4000, 3000), 736, (736, 544)),
        ((200, 100), 736, (192, 96)),
        ((32768, 1), 736, (736, 32)),
        ((1, 1), 0, (320, 320)),
        ((4096, 4096), 4096, (4096, 4096)),
    ],
)
def test_working_size(size: tuple[int, int], side_limit: int, expected: tuple[int, int]) -> None:
    assert working_size(*size, side_limit) == expected


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 32_768), st.integers(1, 32_768), st.sampled_from([0, 128, 640, 736, 1280, 4096]))
def test_working_sizes_are_multiples_of_32_that_keep_the_shape(width: int, height: int, side_limit: int) -> None:
    w, h = working_size(width, height, side_limit)
    assert w % 32 == h % 32 == 0
    assert 32 <= max(w, h) <= (side_limit or _AUTOMATIC_LIMIT)
    assert abs(w / h - width / height) <= max(32 / h, 32 / w) * max(w / h, 1) or min(w, h) == 32


def test_detection_tensor() -> None:
    tensor = detection_tensor(np.zeros((60, 90, 3), np.uint8), (96, 64))
    assert tensor.shape == (1, 64, 96, 3)
    assert tensor.dtype == np.uint8


def test_an_empty_map_has_no_boxes() -> None:
    assert find_boxes(np.zeros((64, 96), np.uint8), 640, 480) == []


def test_a_full_map_is_one_box() -> None:
    assert len(find_boxes(np.full((64, 96), 255, np.uint8), 96, 64)) == 1


def test_what_is_uncertain_or_tiny_is_no_box() -> None:
    uncertain, tiny = np.zeros((64, 96), np.uint8), np.zeros((64, 96), np.uint8)
    uncertain[20:40, 20:60] = 100
    tiny[20:22, 20:60] = 255
    assert find_boxes(uncertain, 96, 64) == []
    assert find_boxes(tiny, 96, 64) == []


def drawn(center: tuple[float, float], size: tuple[float, float], angle: float, shape: tuple[int, int]) -> Pixels:
    """A map with one certain core, drawn with smooth edges."""
    corners = cv2.boxPoints((center, size, angle))
    image = np.zeros(shape, np.uint8)
    cv2.fillPoly(image, [np.round(np.asarray(corners) * 16).astype(np.int32)], (255,), cv2.LINE_AA, 4)
    return image


@settings(max_examples=100, deadline=None)
@given(st.floats(-90, 90), st.floats(60, 120), st.floats(8, 20), st.sampled_from([(1.0, 1.0), (2.0, 2.0), (3.5, 3.5)]))
def test_a_box_is_where_its_core_is_larger_by_the_paper_s_distance(
    angle: float, length: float, breadth: float, scale: tuple[float, float]
) -> None:
    shape, center = (200, 240), (120.0, 100.0)
    width, height = round(shape[1] * scale[0]), round(shape[0] * scale[1])
    (box,) = find_boxes(drawn(center, (length, breadth), angle, shape), width, height)
    assert np.abs(box.corners.mean(axis=0) / scale - center).max() <= 1.5  # the dilation moves it by half a pixel
    edges = sorted(float(edge) / scale[0] for edge in np.linalg.norm(np.diff(box.corners[:3], axis=0), axis=1))
    # The core is found a little larger than it was drawn: smooth edges, dilation, and the steps of a slanted edge.
    least, most = unclipped(length - 1, breadth - 1), unclipped(length + 6, breadth + 6)
    assert least[0] <= edges[1] <= most[0]
    assert least[1] <= edges[0] <= most[1]
    assert is_clockwise(box.corners)
    assert cv2.pointPolygonTest(box.corners.reshape(-1, 1, 2), (center[0] * scale[0], center[1] * scale[1]), False) > 0


def unclipped(length: float, breadth: float) -> tuple[float, float]:
    """The paper's distance: area by perimeter, times 1.6, on every side."""
    distance = 1.6 * length * breadth / (2 * (length + breadth))
    return length + 2 * distance, breadth + 2 * distance


def is_clockwise(corners: Floats) -> bool:
    """As the picture is seen, y downwards."""
    return bool(cv2.contourArea(corners.astype(np.float32), oriented=True) > 0)


def test_maps_of_another_shape_than_the_picture_stretch_back() -> None:
    (box,) = find_boxes(drawn((120, 100), (80, 10), 0, (200, 240)), 480, 200)
    assert np.abs(box.corners.mean(axis=0) - (240, 100)).max() <= 2


def test_separate_lines_are_separate_boxes() -> None:
    image = drawn((100, 40), (120, 12), 0, (200, 240)) | drawn((100, 80), (120, 12), 0, (200, 240))
    centers = sorted(float(box.corners[:, 1].mean()) for box in find_boxes(image, 240, 200))
    assert centers == pytest.approx([40, 80], abs=1)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_any_map_gives_proper_boxes(seed: int, grain: int) -> None:
    small = np.random.default_rng(seed).integers(0, 256, (64 // grain, 96 // grain), np.uint8)
    for box in find_boxes(np.asarray(cv2.resize(small, (96, 64)), np.uint8), 960, 640):
        assert box.corners.shape == (4, 2)
        assert box.corners.dtype == np.float32
        assert np.isfinite(box.corners).all()
        assert is_clockwise(box.corners)
