"""Writes what was found on a picture: the JSON, and the picture with the results drawn on it."""

# ruff: noqa: PLC0415 - drawing needs OpenCV, which is slow to import and which only --out needs

from __future__ import annotations

from pathlib import Path

from sensorium_client import EmbedResult, VisionResult
from sensorium_client.cli._save import write_json, writing_to

SUFFIXES = (".json", ".png")


def save(data: bytes, result: VisionResult, folder: Path, name: str) -> None:
    """Write a picture's results: `<name>.json`, and `<name>.png` where there is something to see.

    Raises:
        InvalidInputError: the folder cannot be written to, or the picture cannot be decoded here.
    """
    with writing_to(folder):
        write_json(folder / f"{name}.json", result)
        if not isinstance(result, EmbedResult):
            _save_picture(data, result, folder / f"{name}.png")


def _save_picture(data: bytes, result: VisionResult, path: Path) -> None:
    from sensorium_client import draw

    assert isinstance(result, draw.Drawable)
    draw.write_png(path, draw.annotate(draw.read_rgb(data), result))
