"""Building: atomic, skipped while current, and clear about what it cannot do."""

import json
import re
from pathlib import Path

import pytest

from sensorium_core.triton import parse_config
from sensorium_models.build import build_all, list_models
from sensorium_models.config import render_config
from sensorium_models.errors import ModelError
from sensorium_models.updates._versions import Versions

RECIPE = """
import onnx
from onnx import TensorProto, helper
from sensorium_models.recipe import Recipe


def build(sources):
    value = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 2])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [value("x")], [value("y")])
    return helper.make_model(graph)


RECIPE = Recipe(
    capability="echo", source="nowhere", license="MIT", wheels=(), build=build,
    labels=lambda sources: ["a", 'say "b"'], cases=lambda sources: [], tolerances={"y": 0.0},
)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "services" / "vision" / "models" / "echo"
    folder.mkdir(parents=True)
    (folder / "recipe.py").write_text(RECIPE)
    (folder / "config.pbtxt").write_text('name: "echo"\nbackend: "onnxruntime"\n')
    return tmp_path


def build(root: Path) -> list[str]:
    lines: list[str] = []
    build_all(root, report=lines.append)
    return lines


def test_a_build_writes_a_repository_folder_and_says_so(root: Path) -> None:
    (line,) = build(root)
    built = root / "build" / "models" / "vision" / "echo"
    assert re.fullmatch(r"echo: built in \d+\.\d s, 0\.0 MB, from nowhere", line)
    assert {path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()} == {
        "1/model.onnx",
        "config.pbtxt",
        "recipe.sha256",
    }
    assert list((root / "build" / "tmp").iterdir()) == []


def test_a_second_build_does_nothing(root: Path) -> None:
    build(root)
    model = root / "build" / "models" / "vision" / "echo" / "1" / "model.onnx"
    before = model.stat().st_mtime_ns
    assert build(root) == ["echo: up to date"]
    assert model.stat().st_mtime_ns == before


def test_a_version_that_was_promoted_is_not_undone_by_a_changed_recipe(root: Path) -> None:
    build(root)
    built = root / "build" / "models" / "vision" / "echo"
    versions = Versions(built)
    number = versions.place({"model.onnx": built / "1" / "model.onnx"}, (built / "config.pbtxt").read_text(), root)
    versions.commit(number, 1)
    assert build(root) == ["echo: up to date"]
    recipe = root / "services" / "vision" / "models" / "echo" / "recipe.py"
    recipe.write_text(recipe.read_text() + "# changed\n")
    (line,) = build(root)
    assert line.startswith("echo: its recipe has changed, but version 2, which was promoted, stays")
    assert versions.present == [1, 2]
    versions.commit(1, None)
    assert build(root)[0].startswith("echo: built in")
    assert versions.present == [1]


def test_an_optional_model_is_built_when_it_is_asked_for_by_name(root: Path) -> None:
    (root / "services" / "vision" / "optional_models").mkdir()
    (root / "services" / "vision" / "models" / "echo").rename(root / "services" / "vision" / "optional_models" / "echo")
    assert build_all(root, report=lambda line: None) == []
    assert [(entry.name, entry.current) for entry in list_models(root)] == [("echo", False)]
    assert build_all(root, ["echo"], report=lambda line: None) == [root / "build" / "models" / "vision" / "echo"]
    assert [(entry.name, entry.current) for entry in list_models(root)] == [("echo", True)]


@pytest.mark.parametrize("file", ["recipe.py", "config.pbtxt"])
def test_a_changed_recipe_or_configuration_is_built_again(root: Path, file: str) -> None:
    build(root)
    path = root / "services" / "vision" / "models" / "echo" / file
    path.write_text(path.read_text() + "\n# changed\n")
    assert [entry.current for entry in list_models(root)] == [False]
    assert build(root) != ["echo: up to date"]


def test_a_missing_result_is_built_again(root: Path) -> None:
    build(root)
    (root / "build" / "models" / "vision" / "echo" / "1" / "model.onnx").unlink()
    assert build(root) != ["echo: up to date"]


def test_an_unknown_name_is_answered_with_the_known_ones(root: Path) -> None:
    with pytest.raises(ModelError, match="no model is called nope; there are: echo"):
        build_all(root, ["nope"])


def test_a_recipe_without_configuration_says_which_file_is_missing(root: Path) -> None:
    (root / "services" / "vision" / "models" / "echo" / "config.pbtxt").unlink()
    with pytest.raises(ModelError, match=r"echo: .*config\.pbtxt is missing"):
        build(root)


def test_the_list_shows_what_a_model_is_for_and_whether_it_is_built(root: Path) -> None:
    (before,) = list_models(root)
    build(root)
    (after,) = list_models(root)
    assert (before.service, before.name, before.capability, before.license) == ("vision", "echo", "echo", "MIT")
    assert (before.current, before.size_bytes) == (False, 0)
    assert after.current
    assert after.size_bytes > 0


def test_labels_survive_the_text_format() -> None:
    labels = ["", '"', "\\", "\n", "中", "\u2028", " "]
    rendered = render_config('name: "m"', labels=labels, parameters={"source": "here"})
    parsed = parse_config(rendered)
    assert json.loads(parsed.parameters["labels"].string_value) == labels
    assert parsed.parameters["source"].string_value == "here"


EXTRAS = RECIPE.replace(
    'capability="echo",',
    """capability="echo", trained=True, scores=scores,
    files=lambda sources: {"tokenizer.json": b"{}"}, parameters=lambda sources: {"max_tokens": "8"},""",
).replace(
    "RECIPE = Recipe",
    """
import numpy as np
from sensorium_models.scores import Score

async def scores(sources, predict):
    answer = await predict({"x": np.array([[0.25, 0.75]], np.float32)})
    return [Score("second", float(answer["y"][0, 1]), LEAST)]


RECIPE = Recipe""",
)


def test_what_the_service_needs_lies_beside_the_graph_and_in_the_configuration(root: Path) -> None:
    (root / "services" / "vision" / "models" / "echo" / "recipe.py").write_text(EXTRAS.replace("LEAST", "0.5"))
    _, score = build(root)
    built = root / "build" / "models" / "vision" / "echo"
    assert (built / "tokenizer.json").read_bytes() == b"{}"
    parsed = parse_config((built / "config.pbtxt").read_text())
    assert parsed.parameters["max_tokens"].string_value == "8"
    assert score == "  second: 75.0% (at least 50%)"


def test_a_model_that_training_did_not_make_good_enough_is_not_served(root: Path) -> None:
    (root / "services" / "vision" / "models" / "echo" / "recipe.py").write_text(EXTRAS.replace("LEAST", "0.8"))
    with pytest.raises(ModelError, match=r"echo: .*too poor a model; second: 75\.0% \(TOO LOW, at least 80%\)"):
        build(root)
    assert not (root / "build" / "models" / "vision" / "echo").exists()


PYTHON_RECIPE = """
from pathlib import Path
from sensorium_models.recipe import Recipe

RECIPE = Recipe(
    capability="speak", source="nowhere", license="MIT", wheels=(),
    files=lambda sources: {"1/model.py": (Path(__file__).parent / "served" / "model.py").read_bytes()},
    cases=lambda sources: [], tolerances={},
)
"""


@pytest.fixture
def python_root(tmp_path: Path) -> Path:
    folder = tmp_path / "services" / "speech" / "models" / "speak"
    (folder / "served").mkdir(parents=True)
    (folder / "recipe.py").write_text(PYTHON_RECIPE)
    (folder / "served" / "model.py").write_text("WORD = 'hello'\n")
    (folder / "config.pbtxt").write_text('name: "speak"\nbackend: "python"\n')
    return tmp_path


def test_a_model_may_be_python_instead_of_a_graph(python_root: Path) -> None:
    build(python_root)
    built = python_root / "build" / "models" / "speech" / "speak"
    assert (built / "1" / "model.py").read_text() == "WORD = 'hello'\n"
    assert not (built / "1" / "model.onnx").exists()
    (entry,) = list_models(python_root)
    assert entry.current
    assert entry.size_bytes == len("WORD = 'hello'\n")


def test_python_beside_a_recipe_is_part_of_the_model(python_root: Path) -> None:
    build(python_root)
    assert build(python_root) == ["speak: up to date"]
    (python_root / "services" / "speech" / "models" / "speak" / "served" / "model.py").write_text("WORD = 'bye'\n")
    assert build(python_root) != ["speak: up to date"]
