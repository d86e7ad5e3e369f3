"""What Python models have in common, and how one is run without Triton."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensorium_models.errors import ModelError
from sensorium_models.python_models import python_files
from sensorium_models.python_models.in_process import PythonModel, Request

CODE = """
import numpy as np

from .doubling import double
from .serving import BatchModel, InvalidRequestError, parameters


class TritonPythonModel(BatchModel):
    def load(self, folder, config, *, gpu):
        self.unit = int(parameters(config)["unit"])
        self.runs = []

    def check(self, inputs):
        if inputs["x"].min() < 0:
            raise InvalidRequestError("x must not be negative")

    def run(self, items):
        self.runs.append(len(items))
        if any(item.inputs["x"].max() > 99 for item in items):
            raise RuntimeError("too much")
        return [None if item.cancelled() else {"y": double(item.inputs["x"]), "z": item.inputs["x"]} for item in items]
"""
DOUBLING = "def double(x):\n    return x * 2\n"
CONFIG = """
name: "double" backend: "python" max_batch_size: 8
input [ { name: "x" data_type: TYPE_INT32 dims: [ -1 ] } ]
output [ { name: "y" data_type: TYPE_INT32 dims: [ -1 ] }, { name: "z" data_type: TYPE_INT32 dims: [ 2 ] } ]
parameters { key: "unit" value { string_value: "3" } }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "source"
    source.mkdir()
    (source / "model.py").write_text(CODE)
    (source / "doubling.py").write_text(DOUBLING)
    built = tmp_path / "built"
    (built / "1").mkdir(parents=True)
    for name, content in python_files(source).items():
        (built / name).write_bytes(content)
    (built / "config.pbtxt").write_text(CONFIG)
    return built


@pytest.fixture
def model(folder: Path) -> PythonModel:
    return PythonModel(folder)


def request(*values: int, outputs: tuple[str, ...] = ("y", "z"), cancelled: tuple[bool, ...] = (False,)) -> Request:
    return Request({"x": np.array([values], np.int32)}, outputs, cancelled)


def runs(model: PythonModel) -> Any:
    return model._model.runs


def test_the_code_of_a_model_comes_with_what_all_have_in_common(folder: Path) -> None:
    assert {path.name for path in (folder / "1").iterdir()} == {"model.py", "doubling.py", "serving.py"}


def test_requests_of_a_batch_run_together_and_get_their_own_answers(model: PythonModel) -> None:
    first, second = model.execute([request(1, 2), request(3, 4)])
    np.testing.assert_array_equal(first.outputs["y"], [[2, 4]])
    np.testing.assert_array_equal(second.outputs["y"], [[6, 8]])
    assert runs(model) == [2]


def test_the_model_learns_the_parameters_of_its_configuration(model: PythonModel) -> None:
    assert model._model.unit == 3


def test_only_wanted_outputs_are_sent(model: PythonModel) -> None:
    (answer,) = model.execute([request(1, 2, outputs=("z",))])
    assert set(answer.outputs) == {"z"}


def test_a_request_that_makes_no_sense_fails_alone_and_before_the_others_run(model: PythonModel) -> None:
    bad, good = model.execute([request(-1, 2), request(3, 4)])
    assert (bad.error and bad.error.code, bad.error and bad.error.text) == ("INVALID_ARG", "x must not be negative")
    np.testing.assert_array_equal(good.outputs["y"], [[6, 8]])
    assert runs(model) == [1]


def test_when_a_run_fails_only_the_request_that_made_it_fail_does(model: PythonModel) -> None:
    bad, good = model.execute([request(100, 2), request(3, 4)])
    assert (bad.error and bad.error.code, bad.error and bad.error.text) == ("INTERNAL", "too much")
    np.testing.assert_array_equal(good.outputs["y"], [[6, 8]])
    assert runs(model) == [2, 1, 1]


def test_a_request_cancelled_in_the_queue_is_not_run(model: PythonModel) -> None:
    gone, kept = model.execute([request(1, 2, cancelled=(True,)), request(3, 4)])
    assert gone.error is not None
    assert gone.error.code == "CANCELLED"
    assert kept.error is None
    assert runs(model) == [1]


def test_a_request_cancelled_while_it_runs_is_answered_so(model: PythonModel) -> None:
    gone, kept = model.execute([request(1, 2, cancelled=(False, True)), request(3, 4)])
    assert gone.error is not None
    assert gone.error.code == "CANCELLED"
    assert kept.error is None


def test_a_batch_of_which_nothing_is_left_is_not_run(model: PythonModel) -> None:
    model.execute([request(-1, 2)])
    assert runs(model) == []


def test_an_output_that_is_not_as_configured_never_leaves(model: PythonModel) -> None:
    bad, good = model.execute([request(1, 2, 3), request(3, 4)])
    assert bad.error is not None
    assert bad.error.text == "output z came as int32[1, 3], expected int32[batch, 2]"
    assert good.error is None


def test_a_single_request_gives_its_outputs_or_raises(model: PythonModel) -> None:
    answer = model.predict({"x": np.array([[1, 2]], np.int32)}, ["y"])
    np.testing.assert_array_equal(answer["y"], [[2, 4]])
    with pytest.raises(ModelError, match="the model answered INVALID_ARG: x must not be negative"):
        model.predict({"x": np.array([[-1, 2]], np.int32)}, ["y"])


def test_a_model_that_was_built_anew_is_loaded_anew(folder: Path) -> None:
    PythonModel(folder)
    (folder / "1" / "doubling.py").write_text("def double(x):\n    return x * 3\n")
    answer = PythonModel(folder).predict({"x": np.array([[1, 2]], np.int32)}, ["y"])
    np.testing.assert_array_equal(answer["y"], [[3, 6]])


def test_a_folder_without_a_python_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no Python model"):
        PythonModel(tmp_path)
