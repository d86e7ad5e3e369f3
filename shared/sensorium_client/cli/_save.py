"""Writes results into a folder: the JSON, and the picture with the results drawn on it."""

# ruff: noqa: PLC0415 - drawing needs OpenCV, which is slow to import and which only --out needs

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sensorium_client import EmbedResult, InvalidInputError, VisionResult
from sensorium_client._errors import ErrorDetails
from sensorium_client.cli._batch import STDIN


def output_names(files: Sequence[str], folder: Path) -> list[str]:
    """A name without suffix for each file's results: distinct, and such that no input is overwritten."""
    inputs = {Path(file).resolve() for file in files if file != STDIN}
    taken: set[str] = set()
    return [_free_name("stdin" if file == STDIN else Path(file).stem, folder, inputs, taken) for file in files]


def save(data: bytes, result: VisionResult, folder: Path, name: str) -> None:
    """Write a picture's results: `<name>.json`, and `<name>.png` where there is something to see.

    Raises:
        InvalidInputError: the folder cannot be written to, or the picture cannot be decoded here.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(result.to_json() + "\n", encoding="utf-8")
        if not isinstance(result, EmbedResult):
            _save_picture(data, result, folder / f"{name}.png")
    except OSError as failure:
        details = ErrorDetails(reason="FILE_UNWRITABLE", metadata={"path": str(folder)})
        raise InvalidInputError(f"cannot write to {folder}: {failure.strerror}", details=details) from failure


def _save_picture(data: bytes, result: VisionResult, path: Path) -> None:
    from sensorium_client import draw

    assert isinstance(result, draw.Drawable)
    draw.write_png(path, draw.annotate(draw.read_rgb(data), result))


def _free_name(stem: str, folder: Path, inputs: set[Path], taken: set[str]) -> str:
    name, number = stem, 1
    while name.casefold() in taken or _would_overwrite(folder, name, inputs):
        number += 1
        name = f"{stem}-{number}"
    taken.add(name.casefold())  # some file systems do not tell upper from lower case
    return name


def _would_overwrite(folder: Path, name: str, inputs: set[Path]) -> bool:
    return any((folder / f"{name}{suffix}").resolve() in inputs for suffix in (".json", ".png"))
