"""What is written at the outlines, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

from sensorium_client.draw._layout import Layout, Place, above_or_below, at_start, beside, line_height, slant
from sensorium_client.draw._style import Color, Scale
from sensorium_client.draw._tiles import Pixels, Typeface, caption_tile

_LONGEST = 60  # characters
_SMALLEST, _SMALLEST_BADGE = 13, 8  # text sizes


@dataclass(frozen=True, eq=False)
class Mark:
    """An outline and what is written at it."""

    corners: Pixels  # float32[N,2], pixels of the canvas
    caption: str
    color: Color
    text_size: int


@dataclass(frozen=True, eq=False)
class Captions:
    """Tiles to put onto the canvas, and those that found no room there."""

    placed: list[tuple[Pixels, Place]] = field(default_factory=list)
    listed: list[Pixels] = field(default_factory=list)
    """For a panel beside the canvas; each begins with the number that stands at its outline instead."""


def place_captions(marks: Sequence[Mark], layout: Layout, scale: Scale, typeface: Typeface, widest: int) -> Captions:
    """Write each caption at its outline, or a number where it would cover another outline or caption."""

    def tile_of(text: str, mark: Mark, size: int) -> Pixels:
        return caption_tile(text, mark.color, size, typeface, widest)

    captions, crowded = Captions(), []
    gap = 2 * scale.line_width + 1
    for mark in marks:
        if not mark.caption:
            continue
        smaller = min(mark.text_size, max(_SMALLEST, mark.text_size * 3 // 4))
        tiles = [tile_of(_shortened(mark.caption), mark, size) for size in dict.fromkeys((mark.text_size, smaller))]
        placed = _place_first(tiles, mark, layout, gap)
        if placed is None:
            crowded.append(mark)
        else:
            captions.placed.append(placed)
    for number, mark in enumerate(crowded, 1):
        badge = tile_of(str(number), mark, _badge_size(mark))
        captions.placed.append((badge, _badge_place(badge, mark, layout, gap)))
        captions.listed.append(tile_of(f"{number}  {_shortened(mark.caption)}", mark, mark.text_size))
    return captions


def _place_first(tiles: Sequence[Pixels], mark: Mark, layout: Layout, gap: int) -> tuple[Pixels, Place] | None:
    for turned, tile in product(dict.fromkeys((slant(mark.corners), 0.0)), tiles):
        for places in above_or_below, beside:
            place = layout.take(places(mark.corners, _size(tile), gap, turned))
            if place is not None:
                return tile, place
    return None


def _badge_place(badge: Pixels, mark: Mark, layout: Layout, gap: int) -> Place:
    turned = slant(mark.corners)
    free = layout.take(beside(mark.corners, _size(badge), gap, turned))
    return free or layout.shifted_inside(at_start(mark.corners, _size(badge), turned))


def _badge_size(mark: Mark) -> int:
    # no higher than the outline, so that it covers no other even where it stands on its own
    return int(min(mark.text_size, max(_SMALLEST_BADGE, line_height(mark.corners) * 0.6)))


def _size(tile: Pixels) -> tuple[int, int]:
    return tile.shape[1], tile.shape[0]


def _shortened(text: str) -> str:
    return text[:_LONGEST] + ("…" if len(text) > _LONGEST else "")
