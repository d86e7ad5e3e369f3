from __future__ import annotations

from datetime import timedelta
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_client import (
    AnnotateResult,
    ClassifyResult,
    Code,
    InvalidInputError,
    Label,
    RequestContext,
    Symbology,
    TextLine,
    Timings,
    draw,
)
from sensorium_client.draw._layout import Box, Layout, line_height
from sensorium_client.draw._style import CODE, MATCH, MISMATCH, TEXT, UNREADABLE
from sensorium_client.draw._tiles import Typeface

COMMON: dict[str, Any] = {
    "context": RequestContext(),
    "models": (),
    "timings": Timings(*[timedelta()] * 6),
    "image_size": (0, 0),
    "message": pb.AnnotateResponse(),
}


def found(
    labels: tuple[Label, ...] = (), lines: tuple[TextLine, ...] = (), codes: tuple[Code, ...] = ()
) -> AnnotateResult:
    return AnnotateResult(**COMMON, embedding=None, labels=labels, lines=lines, codes=codes)


def box(x: float, y: float, width: float, height: float) -> Any:
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], np.float32)


def grey(width: int, height: int) -> Any:
    return np.full((height, width, 3), 128, np.uint8)


def has(picture: Any, color: tuple[int, int, int]) -> bool:
    return bool((picture == color).all(axis=2).any())


def test_nothing_found_changes_nothing() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (700, 1000, 3), dtype=np.uint8)
    drawn = draw.annotate(picture, found())
    assert_array_equal(drawn, picture)
    assert not np.shares_memory(drawn, picture)


@pytest.mark.parametrize(
    ("size", "expected"),
    [((1000, 700), (1000, 700)), ((96, 48), (960, 480)), ((1, 1), (960, 960)), ((1000, 60), (4000, 240))],
)
def test_small_pictures_are_enlarged(size: tuple[int, int], expected: tuple[int, int]) -> None:
    drawn = draw.annotate(grey(*size), found())
    assert drawn.shape == (expected[1], expected[0], 3)
    assert drawn.dtype == np.uint8


def test_outlines_have_the_colour_of_what_they_say() -> None:
    shapes = {
        TEXT: found(lines=(TextLine("x", 1, box(100, 300, 300, 60), 0),)),
        MATCH: found(lines=(TextLine("x", 1, box(100, 300, 300, 60), 0, matches_pattern=True),)),
        MISMATCH: found(lines=(TextLine("x", 1, box(100, 300, 300, 60), 0, matches_pattern=False),)),
        CODE: found(codes=(Code(Symbology.QR_CODE, "x", b"x", box(100, 300, 300, 60)),)),
        UNREADABLE: found(codes=(Code(Symbology.QR_CODE, "", b"", box(100, 300, 300, 60), readable=False),)),
    }
    for color, annotation in shapes.items():
        drawn = draw.annotate(grey(1000, 700), annotation)
        assert has(drawn[290:370, 90:410], color)
        inside = drawn[305:355, 105:395]
        assert_array_equal(inside, 128)  # the print itself stays as it is


def test_outlines_follow_an_enlarged_picture() -> None:
    drawn = draw.annotate(grey(96, 70), found(lines=(TextLine("", 1, box(10, 30, 30, 6), 0),)))
    ys, xs = np.nonzero((drawn == TEXT).all(axis=2))
    assert 90 < xs.min() <= 100
    assert 400 <= xs.max() < 410
    assert 290 < ys.min() <= 300
    assert 360 <= ys.max() < 370


def test_labels_are_written_in_a_corner() -> None:
    result = ClassifyResult(**COMMON, labels=(Label(0, "espresso", 0.9), Label(1, "cup", 0.1)))
    drawn = draw.annotate(grey(1000, 700), result)
    changed = np.argwhere((drawn != 128).any(axis=2))
    assert changed.min() >= 8
    assert changed.max(axis=0)[0] < 150
    assert changed.max(axis=0)[1] < 500


@pytest.mark.parametrize("size", [(1, 1), (30, 2000), (2000, 30), (64, 48), (4000, 3000)])
def test_any_size_and_any_place_can_be_drawn(size: tuple[int, int]) -> None:
    width, height = size
    labels = tuple(Label(i, "a name that is rather long " * 4, 0.2) for i in range(9))
    lines = (
        TextLine("far too long " * 20, 1, box(width - 1, 0, 1, 1), 0),
        TextLine("tab\tnew\nline 电机", 1, box(-5, -5, 3, 3), 0),
        TextLine("no polygon of four", 1, np.zeros((1, 2), np.float32), 0),
    )
    drawn = draw.annotate(grey(width, height), found(labels, lines))
    assert drawn.shape[0] >= height


def test_results_without_a_polygon_are_left_out() -> None:
    line = TextLine("x", 1, np.zeros((0, 2), np.float32), 0)
    assert_array_equal(draw.annotate(grey(1000, 700), found(lines=(line,))), grey(1000, 700))


def test_captions_stay_inside_and_apart() -> None:
    outlines = [Box(0, 0, 100, 30), Box(0, 32, 100, 30), Box(150, 80, 50, 20)]
    layout = Layout(200, 100, outlines)
    places = [layout.beside(outline, 60, 14, 4) for outline in outlines]
    for place in places:
        assert 0 <= place.x <= 200 - place.width
        assert 0 <= place.y <= 100 - place.height
    for i, first in enumerate(places):
        for second in places[i + 1 :]:
            apart = first.x + first.width <= second.x or second.x + second.width <= first.x
            assert apart or first.y + first.height <= second.y or second.y + second.height <= first.y


def test_a_panel_avoids_corners_that_are_taken() -> None:
    assert Layout(200, 100, []).corner_for(40, 20, 5) == (5, 5, 40, 20)
    assert Layout(200, 100, [Box(0, 0, 60, 60)]).corner_for(40, 20, 5) == (155, 5, 40, 20)
    corners = [Box(0, 0, 60, 30), Box(140, 0, 60, 30), Box(0, 70, 60, 30), Box(140, 70, 60, 30)]
    place = Layout(200, 100, corners).corner_for(40, 20, 5)
    assert 60 <= place.x <= 100 or 30 <= place.y <= 50


def test_line_height_is_that_of_the_text_as_read() -> None:
    assert line_height(box(0, 0, 100, 20)) == 20
    assert line_height(np.roll(box(0, 0, 20, 100), -1, axis=0)) == 20  # runs downwards


def test_text_is_cut_to_its_room() -> None:
    typeface = Typeface()
    assert typeface.fit("short", 20, 500) == "short"
    cut = typeface.fit("a long text that does not fit", 20, 100)
    assert cut.endswith("…")
    assert 60 < typeface.width(cut, 20) <= 100
    assert typeface.fit("a\nb\x1dc", 20, 500) == "a·b·c"


def test_chinese_is_drawn_as_such() -> None:
    def drawn(text: str) -> bytes:
        canvas = np.zeros((60, 200, 3), np.uint8)
        Typeface().write(canvas, text, (10, 40), 30)
        return canvas.tobytes()

    assert len({drawn("电机"), drawn("功率"), drawn("??")}) == 3


def test_files_round_trip(tmp_path: Any) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    draw.write_png(tmp_path / "x.png", picture)
    assert_array_equal(draw.read_rgb((tmp_path / "x.png").read_bytes()), picture)


@pytest.mark.parametrize("data", [b"", b"no picture"])
def test_what_is_no_picture(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        draw.read_rgb(data)


def test_sixteen_bits_are_read_as_eight() -> None:
    data = cv2.imencode(".png", np.full((2, 2), 0x80FF, np.uint16))[1].tobytes()
    assert_array_equal(draw.read_rgb(data), 128)
