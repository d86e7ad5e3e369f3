"""The picture with labels, text lines and codes on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import cv2
import numpy as np

from sensorium_client._results import Label
from sensorium_client._vision.results import (
    AnnotateResult,
    ClassifyResult,
    Code,
    ReadCodesResult,
    ReadTextResult,
    TextLine,
)
from sensorium_client.draw._captions import Mark, place_captions
from sensorium_client.draw._layout import Layout, line_height
from sensorium_client.draw._style import CODE, MATCH, MISMATCH, TEXT, UNREADABLE, Color, Scale
from sensorium_client.draw._tiles import Pixels, Typeface, blend, label_panel, with_panel

Drawable: TypeAlias = AnnotateResult | ClassifyResult | ReadTextResult | ReadCodesResult

_MANY_LABELS, _FEW_LABELS = 5, 3  # without and with outlines, which need the room more


def annotate(picture: Pixels, annotation: Drawable) -> Pixels:
    """A copy of the picture with labels, text lines and codes drawn on it.

    Args:
        picture: `uint8[H,W,3]`, RGB: the whole original picture, upright as its EXIF data says.
        annotation: the answer for this picture.

    Returns:
        `uint8[H',W',3]`, RGB; larger than the picture where that is too small for readable captions, or too
        full, so that some stand beside it.
    """
    scale = Scale.for_picture(picture.shape[1], picture.shape[0])
    canvas = scale.enlarge(picture)
    marks = _marks(annotation, scale)
    typeface = Typeface()
    height, width = canvas.shape[:2]
    layout = Layout(width, height, [mark.corners for mark in marks], 2 * scale.line_width)
    for mark in marks:
        _outline(canvas, mark, scale)
    labels = _labels(annotation)[: _FEW_LABELS if marks else _MANY_LABELS]
    listed = []
    panel = label_panel(labels, typeface, scale, (int(width * 0.6), height - 2 * scale.margin))
    if panel is not None:
        place = layout.take_corner(panel.shape[1], panel.shape[0], scale.margin)
        if place is None:
            listed.append(panel)
        else:
            blend(canvas, panel, place)
    captions = place_captions(marks, layout, scale, typeface, width)
    for tile, place in captions.placed:
        blend(canvas, tile, place)
    return with_panel(canvas, listed + captions.listed, scale.margin)


def _labels(annotation: Drawable) -> tuple[Label, ...]:
    return annotation.labels if isinstance(annotation, AnnotateResult | ClassifyResult) else ()


def _marks(annotation: Drawable, scale: Scale) -> list[Mark]:
    lines = annotation.lines if isinstance(annotation, AnnotateResult | ReadTextResult) else ()
    codes = annotation.codes if isinstance(annotation, AnnotateResult | ReadCodesResult) else ()
    marks = [*_line_marks(lines, scale), *_code_marks(codes, scale)]
    return [mark for mark in marks if len(mark.corners)]


def _line_marks(lines: Iterable[TextLine], scale: Scale) -> Iterable[Mark]:
    for line in lines:
        corners = scale.on_canvas(line.polygon)
        # print that stands close together gets captions of its own size, so that they do not cover the next line
        size = scale.text_size_for(line_height(corners))
        yield Mark(corners, line.text, _line_color(line), size)


def _line_color(line: TextLine) -> Color:
    if line.matches_pattern is None:
        return TEXT
    return MATCH if line.matches_pattern else MISMATCH


def _code_marks(codes: Iterable[Code], scale: Scale) -> Iterable[Mark]:
    for code in codes:
        kind = code.symbology.name.replace("_", " ")
        content = code.text or f"{len(code.raw_bytes)} bytes"
        caption = f"{kind}  {content}" if code.readable else f"{kind}  not readable"
        yield Mark(scale.on_canvas(code.polygon), caption, CODE if code.readable else UNREADABLE, scale.text_size)


def _outline(canvas: Pixels, mark: Mark, scale: Scale) -> None:
    center = mark.corners.mean(axis=0)
    away = mark.corners - center
    lengths = np.linalg.norm(away, axis=1, keepdims=True)
    grown = center + away * (1 + scale.line_width / np.maximum(lengths, 1))  # beside the print, not on it
    points = [np.round(grown * 16).astype(np.int32)]
    for color, width in ((0, 0, 0), scale.line_width + 2), (mark.color, scale.line_width):
        cv2.polylines(canvas, points, True, color, width, cv2.LINE_AA, 4)
