"""The requests that a new version is tried on: read, checked, and made from a recipe where there is one."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from sensorium_core.triton import parse_config
from sensorium_models.recipe import load_recipe
from sensorium_models.updates import RefusedError
from sensorium_models.updates._records import MOST_RECORDS, add_recipe_records, read_records
from sensorium_models.workplace import Workplace

CONFIG = parse_config(
    """
    name: "net"
    input { name: "x" data_type: TYPE_INT16 dims: [2] }
    input { name: "boost" data_type: TYPE_FP32 dims: [1] optional: true }
    output { name: "y" data_type: TYPE_FP32 dims: [2] }
    """
)
X = np.array([[1, 2]], np.int16)
RECIPE = """
import numpy as np
from sensorium_models.recipe import Case, Recipe

RECIPE = Recipe(
    capability="echo", source="nowhere", license="MIT", wheels=(), tolerances={"y": 0.0},
    cases=lambda sources: [Case(str(n), {"x": np.array([[n, n]], np.int16)}, {}) for n in range(3)],
)
"""


def test_a_record_holds_inputs_and_maybe_the_truth(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=X, **{"truth:y": np.array([1])})  # type: ignore[arg-type]  # its stubs know no names
    (record,) = read_records(tmp_path, CONFIG)
    assert (record.name, set(record.inputs), record.truth["y"].tolist()) == ("a", {"x"}, [1])


def test_the_newest_are_taken(tmp_path: Path) -> None:
    for number in range(MOST_RECORDS + 3):
        np.savez(tmp_path / f"{number}.npz", x=X)
        os.utime(tmp_path / f"{number}.npz", (number, number))
    names = [record.name for record in read_records(tmp_path, CONFIG)]
    assert (len(names), names[0], names[-1]) == (MOST_RECORDS, str(MOST_RECORDS + 2), "3")


def test_no_folder_is_no_record(tmp_path: Path) -> None:
    assert read_records(tmp_path / "missing", CONFIG) == []


@pytest.mark.parametrize(
    ("arrays", "problem"),
    [
        ({"x": X, "z": X}, "the model has no input z"),
        ({"x": X.astype(np.int32)}, "input x is int32"),
        ({"boost": np.zeros((1, 1), np.float32)}, "input x is missing"),
        ({"x": X, "truth:z": np.array([1])}, "the model has no output z"),
    ],
)
def test_one_that_does_not_fit_is_named(tmp_path: Path, arrays: dict[str, np.ndarray], problem: str) -> None:
    np.savez(tmp_path / "a.npz", **arrays)  # type: ignore[arg-type]  # as above
    with pytest.raises(RefusedError, match=f"a.npz does not fit the model: {problem}.*RECORD_UNREADABLE"):
        read_records(tmp_path, CONFIG)


def test_pickled_objects_are_not_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.array([{"a": 1}], dtype=object))
    with pytest.raises(RefusedError, match="RECORD_UNREADABLE"):
        read_records(tmp_path, CONFIG)


def test_those_of_a_recipe_are_made_once_and_anew_when_it_changes(tmp_path: Path) -> None:
    folder = tmp_path / "services" / "vision" / "models" / "net"
    folder.mkdir(parents=True)
    (folder / "recipe.py").write_text(RECIPE)
    (folder / "config.pbtxt").write_text('name: "net"\n')
    place = Workplace(tmp_path)
    (model,) = place.models()
    canary = tmp_path / "canary"
    assert add_recipe_records(place, model, load_recipe(model), canary) == 3
    assert sorted(record.inputs["x"][0, 0] for record in read_records(canary, CONFIG)) == [0, 1, 2]
    assert add_recipe_records(place, model, load_recipe(model), canary) == 0
    before = set(canary.iterdir())
    (folder / "recipe.py").write_text(f"{RECIPE}# changed\n")
    assert add_recipe_records(place, model, load_recipe(model), canary) == 3
    assert len(read_records(canary, CONFIG)) == 3
    assert before.isdisjoint(canary.iterdir())
