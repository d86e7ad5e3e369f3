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
from sensorium_client.draw._captions import Captions, Mark, place_captions
from sensorium_client.draw._layout import Layout, Place, above_or_below, line_height, slant
from sensorium_client.draw._style import CODE, MATCH, MISMATCH, TEXT, UNREADABLE, Scale
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


# canvas, and per line the corners from the upper left of the text as read: x, y, x, y, ...
PLATES = {
    "5 degrees": (
        (1043, 649),
        (256, 125, 817, 174, 811, 235, 251, 186),
        (147, 235, 903, 307, 898, 358, 141, 287),
        (139, 329, 588, 368, 584, 414, 135, 375),
        (130, 413, 714, 469, 708, 525, 124, 468),
    ),
    "-12 degrees": (
        (1194, 860),
        (286, 317, 834, 201, 847, 260, 298, 375),
        (212, 454, 957, 302, 967, 353, 223, 506),
        (234, 546, 673, 453, 682, 497, 243, 591),
        (249, 632, 823, 513, 834, 566, 260, 685),
    ),
    "180 degrees": (
        (1083, 649),
        (822, 498, 261, 498, 261, 438, 822, 438),
        (924, 380, 161, 376, 161, 320, 924, 323),
        (922, 285, 471, 285, 471, 240, 922, 240),
        (923, 198, 338, 195, 338, 142, 924, 144),
    ),
    "perspective": (
        (1177, 743),
        (339, 223, 827, 242, 825, 300, 336, 282),
        (228, 337, 891, 341, 891, 384, 228, 380),
        (227, 422, 667, 410, 668, 454, 228, 467),
        (226, 506, 768, 476, 771, 523, 228, 553),
    ),
}
PLATE_TEXTS = (
    "NORDWERK DRIVES",
    "SN 2024-00871 MOTOR 7.5kW 1450rpm",
    "400 V 50 Hz 14.8 A IP55",
    "TYPE NW-132M-4 Class F 62 kg",
)


def captions_of(size: tuple[int, int], outlines: list[Any], texts: tuple[str, ...]) -> Captions:
    scale = Scale.for_picture(*size)
    marks = [
        Mark(outline, text, TEXT, scale.text_size_for(line_height(outline)))
        for outline, text in zip(outlines, texts, strict=True)
    ]
    layout = Layout(*size, outlines, 2 * scale.line_width)
    return place_captions(marks, layout, scale, Typeface(), size[0])


def shared_area(first: Any, second: Any) -> float:
    return float(cv2.intersectConvexConvex(first.astype(np.float32), second.astype(np.float32))[0])


def assert_inside(place: Place, size: tuple[int, int]) -> None:
    assert (place.corners > -0.01).all()
    assert (place.corners < np.array(size) + 0.01).all()


@pytest.mark.parametrize("plate", PLATES)
def test_captions_cover_neither_outlines_nor_each_other(plate: str) -> None:
    size, *lines = PLATES[plate]
    outlines = [np.array(line, np.float32).reshape(4, 2) for line in lines]
    captions = captions_of(size, outlines, PLATE_TEXTS)
    assert len(captions.placed) == 4
    assert captions.listed == []
    for i, (tile, place) in enumerate(captions.placed):
        assert tile.shape[:2] == (place.height, place.width)
        assert_inside(place, size)
        assert [shared_area(place.corners, outline) for outline in outlines] == [0] * 4
        assert [shared_area(place.corners, other.corners) for _, other in captions.placed[:i]] == [0] * i


def test_captions_lie_along_slanted_lines() -> None:
    size, *lines = PLATES["5 degrees"]
    captions = captions_of(size, [np.array(line, np.float32).reshape(4, 2) for line in lines], PLATE_TEXTS)
    assert [place.slant for _, place in captions.placed] == pytest.approx([5, 5.4, 5, 5.4], abs=0.2)
    _, first = captions.placed[0]
    assert 80 < first.y < 125 - first.height * 0.9  # just above the left end of its line
    assert first.x == pytest.approx(258, abs=6)


def test_where_all_is_full_numbers_stand_for_captions() -> None:
    outlines = [box(40 + column * 310, 40 + row * 30, 300, 26) for column in range(3) for row in range(20)]
    texts = tuple(f"line {i} of a page without gaps" for i in range(60))
    captions = captions_of((1000, 680), outlines, texts)
    assert 40 < len(captions.listed) < 60
    assert len(captions.placed) == 60
    for i, (_, place) in enumerate(captions.placed):
        assert_inside(place, (1000, 680))
        # at most its own, on which a number may stand
        assert sum(shared_area(place.corners, outline) > 0 for outline in outlines) <= 1
        assert not any(shared_area(place.corners, other.corners) for _, other in captions.placed[:i])


def test_what_finds_no_room_is_listed_beside_or_below_the_picture() -> None:
    lines = tuple(TextLine("dense", 1, box(2, 2 + 30 * i, 996, 26), 0) for i in range(25))
    square = draw.annotate(grey(1000, 752), found((Label(0, "menu", 0.5),), lines))
    assert square.shape[0] == 752
    assert 1050 < square.shape[1] < 1400
    wide = draw.annotate(grey(1000, 302), found(lines=lines[:10]))
    assert 320 < wide.shape[0] < 500
    assert wide.shape[1] == 1000
    assert_array_equal(draw.annotate(grey(1000, 302), found(lines=lines[:10])), wide)


def test_captions_of_text_upside_down_are_upright() -> None:
    upright, turned = box(300, 300, 300, 40), np.roll(box(300, 300, 300, 40), 2, axis=0)
    drawn = [draw.annotate(grey(1000, 700), found(lines=(TextLine("abc", 1, at, 0),))) for at in (upright, turned)]
    assert has(drawn[0][:290], (255, 255, 255))
    assert_array_equal(drawn[0][:290], drawn[1][:290])


@pytest.mark.parametrize(
    ("along", "expected"), [((100, 0), 0), ((100, 1), 0), ((100, 10), 5.71), ((-100, -10), 5.71), ((10, -100), 5.71)]
)
def test_slant_is_that_of_the_sides_nearest_to_the_horizontal(along: tuple[int, int], expected: float) -> None:
    x, y = along
    corners = np.array([(200, 200), (200 + x, 200 + y), (200 + x - y, 200 + y + x), (200 - y, 200 + x)])
    assert slant(corners) == pytest.approx(expected, abs=0.01)


def test_a_place_is_moved_inside_or_refused() -> None:
    layout = Layout(200, 100, [box(100, 20, 40, 10)])
    assert layout.take([Place(190, 50, 40, 20)]) == (160, 50, 40, 20, 0)
    assert layout.take([Place(190, 80, 40, 20), Place(5, 5, 9, 9)]) == (5, 5, 9, 9, 0)
    assert layout.take([Place(90, 15, 40, 20)]) is None  # on the outline
    assert layout.take([Place(170, 60, 40, 20)]) is None  # on the first place
    assert layout.take([Place(0, 0, 201, 20)]) is None
    assert layout.take(above_or_below(box(100, 20, 40, 10), (30, 14), 4, 0)) == (100, 2, 30, 14, 0)


def test_a_panel_avoids_corners_that_are_taken() -> None:
    assert Layout(200, 100, []).take_corner(40, 20, 5) == (5, 5, 40, 20, 0)
    assert Layout(200, 100, [box(0, 0, 60, 60)]).take_corner(40, 20, 5) == (155, 5, 40, 20, 0)
    corners = [box(0, 0, 60, 30), box(140, 0, 60, 30), box(0, 70, 60, 30), box(140, 70, 60, 30)]
    place = Layout(200, 100, corners).take_corner(40, 20, 5)
    assert place is not None
    assert 60 <= place.x <= 100 or 30 <= place.y <= 50
    assert Layout(200, 100, [box(0, 0, 200, 100)]).take_corner(40, 20, 5) is None


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
