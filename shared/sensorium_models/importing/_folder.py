"""A folder from elsewhere: which of its files are read, and that they are what they say and not too large."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from sensorium_models.errors import ModelError

__all__ = ["Weights", "check_folder", "copy_readable", "read_json", "read_object", "read_weights", "weight_files"]

CONFIG, TOKENIZER, MODULES, POOLING = "config.json", "tokenizer.json", "modules.json", "1_Pooling/config.json"
_WEIGHTS, _INDEX = "model.safetensors", "model.safetensors.index.json"
_PICKLES = (".bin", ".pt", ".pth", ".pkl", ".ckpt", ".h5", ".msgpack")
_MOST_JSON, _MOST_TOKENIZER = 10 << 20, 64 << 20
# An ONNX file is one protobuf message, and those end at 2 GiB.
_MOST_VALUES = (2 << 30) // 4 - (16 << 20)
_DTYPES = {"F32", "F16", "BF16"}

Weights = Mapping[str, tuple[int, ...]]
"""Shapes of the parameters by name."""


def check_folder(folder: Path) -> None:
    """Look whether `folder` may hold a model.

    Raises:
        ModelError: It is none, or has no `config.json`.
    """
    if not folder.is_dir():
        raise ModelError(f"{folder} is no folder")
    _check_there(folder, CONFIG)


def copy_readable(folder: Path, target: Path, needed: Sequence[str], optional: Sequence[str]) -> None:
    """Copy the files that an import reads from `folder` to `target`, and no others.

    Args:
        folder: That somebody else made.
        target: That is ours.
        needed: Files that must be there, besides the weights.
        optional: Files that are read where they are there.

    Raises:
        ModelError: One is missing, too large, or a link that leads out of the folder.
    """
    names = [*needed, *weight_files(folder)]
    for name in names:
        _check_there(folder, name)
    for name in (*names, *(name for name in optional if (folder / name).exists())):
        source = folder / name
        _check_place(folder, source)
        _check_size(source)
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target / name)


def _check_there(folder: Path, name: str) -> None:
    if not (folder / name).exists():
        raise ModelError(f"{folder} holds no {name}{_HINTS.get(name, '')}")


_HINTS = {
    CONFIG: ", which every Hugging Face model has",
    TOKENIZER: ": older models have only a vocabulary; load and save their tokenizer with transformers to get one",
}


def weight_files(folder: Path) -> list[str]:
    """Names of the files with the weights: one, or an index and its parts.

    Raises:
        ModelError: There are none, or only pickles; or the index names files that are not beside it.
    """
    if (folder / _WEIGHTS).exists():
        return [_WEIGHTS]
    if (folder / _INDEX).exists():
        listed = read_object(folder, _INDEX).get("weight_map")
        parts = sorted(set(listed.values())) if isinstance(listed, dict) else []
        if not parts or any(not isinstance(part, str) or Path(part).name != part for part in parts):
            raise ModelError(f"{folder / _INDEX} does not list the files with the weights beside it")
        return [_INDEX, *parts]
    pickles = sorted(path.name for path in folder.iterdir() if path.suffix in _PICKLES)
    if pickles:
        raise ModelError(
            f"{folder} holds its weights only as {', '.join(pickles)}; such files can run code when they are read. "
            f"Convert them to {_WEIGHTS} where you trust them"
        )
    raise ModelError(f"{folder} holds no {_WEIGHTS}")


def read_object(folder: Path, name: str) -> dict[str, Any]:
    """The object in the JSON file `name` of `folder`.

    Raises:
        ModelError: As `read_json`, or the file holds something else.
    """
    content = read_json(folder, name)
    if not isinstance(content, dict):
        raise ModelError(f"{name} holds no JSON object")
    return content


def read_json(folder: Path, name: str) -> Any:
    """What the JSON file `name` of `folder` holds.

    Raises:
        ModelError: The file is not JSON, too large, or a link that leads out of the folder.
    """
    path = folder / name
    _check_place(folder, path)
    _check_size(path)
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{name} is not JSON: {error}") from error


def read_weights(folder: Path, names: list[str]) -> Weights:
    """The shapes of all parameters, from the headers of the files `names`.

    Raises:
        ModelError: A file is damaged, holds numbers of another kind, or all of them are too many for one ONNX file.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for name in names:
        if name.endswith(".safetensors"):
            shapes |= _shapes(folder / name)
    values = sum(_product(shape) for shape in shapes.values())
    if values > _MOST_VALUES:
        raise ModelError(
            f"{folder.name} has {values / 1e6:,.0f} million parameters; an ONNX file holds {_MOST_VALUES / 1e6:,.0f} "
            "million at most. Take a smaller model of the same family"
        )
    return shapes


def _shapes(path: Path) -> dict[str, tuple[int, ...]]:
    try:
        with safe_open(path, framework="numpy") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
            kinds = {part.get_dtype() for part in slices.values()}
            shapes = {name: tuple(part.get_shape()) for name, part in slices.items()}
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path.name} is damaged or not complete: {error}") from error
    if extra := {kind for kind in kinds if kind not in _DTYPES and not kind.startswith("I")}:
        raise ModelError(f"{path.name} holds {', '.join(sorted(extra))}; only float32, float16 and bfloat16 are taken")
    return shapes


def _product(shape: tuple[int, ...]) -> int:
    product = 1
    for size in shape:
        product *= size
    return product


def _check_place(folder: Path, path: Path) -> None:
    real = path.resolve()
    if not real.is_relative_to(folder.resolve()):
        raise ModelError(
            f"{path} is a link that leads out of the folder, to {real}; copy the folder with `cp -rL` first"
        )
    if path.exists() and not real.is_file():
        raise ModelError(f"{path} is no file")


def _check_size(path: Path) -> None:
    limits = {"tokenizer.json": _MOST_TOKENIZER, ".safetensors": 4 * _MOST_VALUES}
    limit = limits.get(path.name, limits.get(path.suffix, _MOST_JSON))
    size = path.stat().st_size if path.exists() else 0
    if size > limit:
        raise ModelError(f"{path.name} has {size / 1e6:,.0f} MB; at most {limit / 1e6:,.0f} are taken")
