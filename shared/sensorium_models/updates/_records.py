"""The requests that a new version is tried on.

They lie in `build/canary/<model>/`, one `.npz` file each: the model's inputs by name, batch first. Services record them
(`RECORD_DIR`), an operator may put more there, and those of the model's recipe are made from it once.
A file may also hold `truth:<output>`, the right class of each row as int64[N].
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensorium_core.triton import DTYPES, datatype_name
from sensorium_models.recipe import Recipe
from sensorium_models.stamp import stamp_of
from sensorium_models.updates._errors import RefusedError
from sensorium_models.wheels import open_sources
from sensorium_models.workplace import ModelFolder, Workplace

_TRUTH = "truth:"
_OF_RECIPE = "recipe"
# The newest ones; their answers are kept in memory while the versions are compared.
MOST_RECORDS = 64


@dataclass(frozen=True)
class Record:
    """A request, and for some outputs the right class of each row."""

    name: str
    inputs: Mapping[str, NDArray[Any]]
    truth: Mapping[str, NDArray[Any]]


def read_records(folder: Path, config: Any) -> list[Record]:
    """The records in `folder`, newest first, at most `MOST_RECORDS`.

    Raises:
        RefusedError: RECORD_UNREADABLE: one does not fit the model; the text names the file.
    """
    files = sorted(folder.glob("*.npz"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    return [_read(file, config) for file in files[:MOST_RECORDS]]


def add_recipe_records(place: Workplace, model: ModelFolder, recipe: Recipe, folder: Path) -> int:
    """Writes the inputs of the recipe's check into `folder`, unless they are there; gives how many are new.

    Raises:
        ModelError: a wheel that the recipe reads cannot be had.
    """
    mark = f"{_OF_RECIPE}-{stamp_of(model)[:12]}"
    if any(folder.glob(f"{mark}-*.npz")):
        return 0
    inputs = [case.inputs for case in recipe.cases(open_sources(place, recipe.wheels))]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for old in folder.glob(f"{_OF_RECIPE}-*.npz"):
        old.unlink()
    for number, tensors in enumerate(inputs):
        new = folder / f".{mark}.new"
        with new.open("wb") as file:
            np.savez(file, allow_pickle=False, **dict(tensors))
        new.replace(folder / f"{mark}-{number:02}.npz")
    return len(inputs)


def _read(file: Path, config: Any) -> Record:
    try:
        with np.load(file, allow_pickle=False) as content:
            arrays: dict[str, NDArray[Any]] = {name: content[name] for name in content.files}
    except (OSError, ValueError, EOFError) as error:
        raise RefusedError(f"{file} is no record: {error}", "RECORD_UNREADABLE") from error
    inputs = {name: array for name, array in arrays.items() if not name.startswith(_TRUTH)}
    truth = {name.removeprefix(_TRUTH): array for name, array in arrays.items() if name.startswith(_TRUTH)}
    if wrong := "; ".join(_misfits(inputs, truth, config)):
        raise RefusedError(f"{file} does not fit the model: {wrong}", "RECORD_UNREADABLE")
    return Record(file.stem, {name: np.ascontiguousarray(array) for name, array in inputs.items()}, truth)


def _misfits(inputs: Mapping[str, NDArray[Any]], truth: Mapping[str, NDArray[Any]], config: Any) -> Iterator[str]:
    known = {tensor.name: tensor for tensor in config.input}
    for name, array in inputs.items():
        if name not in known:
            yield f"the model has no input {name}"
        elif array.dtype != DTYPES.get(datatype_name(known[name].data_type)):
            yield f"input {name} is {array.dtype}"
    for name, tensor in known.items():
        if name not in inputs and not tensor.optional:
            yield f"input {name} is missing"
    outputs = {tensor.name for tensor in config.output}
    yield from (f"the model has no output {name}" for name in truth if name not in outputs)
