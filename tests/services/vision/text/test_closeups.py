import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sensorium_vision.text._closeups import CloseUp, close_ups
from sensorium_vision.text._detection import Box
from services.vision.text.test_layout import rectangle, turned

WIDTH, HEIGHT = 4000, 3000


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    corners = turned(rectangle(0, 0, draw(st.floats(4, 900)), draw(st.floats(4, 120))), draw(st.floats(-180, 180)))
    center = np.array([draw(st.floats(0, WIDTH - 1)), draw(st.floats(0, HEIGHT - 1))], np.float32)
    return Box(corners - corners.mean(axis=0) + center)


@settings(max_examples=100, deadline=None)
@given(st.lists(boxes(), max_size=30))
def test_every_box_is_looked_at_again_once_or_stays(found: list[Box]) -> None:
    parts, settled = close_ups(found, WIDTH, HEIGHT, 0.24)
    kept = [box for part in parts for box in part.boxes] + settled
    assert sorted(map(id, kept)) == sorted(map(id, found))
    assert len(parts) <= 16
    for part in parts:
        assert 0 <= part.left < part.right <= WIDTH
        assert 0 <= part.top < part.bottom <= HEIGHT
        assert part.size[0] % 32 == part.size[1] % 32 == 0
    for i, one in enumerate(parts):
        for other in parts[:i]:
            assert (
                one.right <= other.left or other.right <= one.left or one.bottom <= other.top or other.bottom <= one.top
            )


def test_a_box_of_a_close_up_comes_back_into_the_picture() -> None:
    part = CloseUp(1000, 500, 1400, 700, (416, 192), ())
    assert part.cut(np.zeros((HEIGHT, WIDTH, 3), np.uint8)).shape == (200, 400, 3)
    (box,) = part.in_picture([Box(rectangle(10, 20, 110, 40))])
    assert box.corners.tolist() == rectangle(1010, 520, 1110, 540).tolist()


def test_without_boxes_there_is_nothing_to_look_at() -> None:
    assert close_ups([], WIDTH, HEIGHT, 0.24) == ([], [])
