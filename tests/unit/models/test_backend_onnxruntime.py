"""The embedded `onnxruntime` backend: what it makes of the requests that Triton hands it.

Triton's module is replaced by the few classes that the backend uses; the sessions are real, on a graph that doubles.
"""

import importlib.util
import json
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

import sensorium_models.embedded
from sensorium_models.inference import open_session

BACKEND = Path(sensorium_models.embedded.__file__ or "").parent / "backend_onnxruntime" / "model.py"


class Tensor:
    def __init__(self, name: str, values: Any) -> None:
        self._name, self._values = name, values

    def name(self) -> str:
        return self._name

    def as_numpy(self) -> Any:
        return self._values


class TritonError:
    CANCELLED, INTERNAL, INVALID_ARG = "cancelled", "internal", "invalid"

    def __init__(self, text: str, code: str) -> None:
        self.text, self.code = text, code


class Response:
    def __init__(self, output_tensors: Sequence[Tensor] = (), error: TritonError | None = None) -> None:
        self.outputs = {tensor.name(): tensor.as_numpy() for tensor in output_tensors}
        self.error = error


class Request:
    def __init__(
        self, values: Any, outputs: Sequence[str] = ("doubled",), *, cancelled: bool = False, parameters: str = "{}"
    ) -> None:
        self._values, self._outputs, self._cancelled, self._parameters = values, outputs, cancelled, parameters

    def inputs(self) -> list[Tensor]:
        return [Tensor("x", self._values)]

    def requested_output_names(self) -> list[str]:
        return list(self._outputs)

    def parameters(self) -> str:
        return self._parameters

    def is_cancelled(self) -> bool:
        return self._cancelled


class Logger:
    @staticmethod
    def log_error(text: str) -> None:
        assert text


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Any:
    fake: Any = ModuleType("triton_python_backend_utils")
    fake.Tensor, fake.InferenceResponse, fake.TritonError, fake.Logger = Tensor, Response, TritonError, Logger
    fake.triton_string_to_numpy = {"TYPE_FP32": np.float32, "TYPE_INT32": np.int32}.__getitem__
    monkeypatch.setitem(sys.modules, fake.__name__, fake)
    spec = importlib.util.spec_from_file_location("backend_under_test", BACKEND)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


def tensor(name: str, dims: list[int], kind: str = "TYPE_FP32") -> dict[str, Any]:
    return {"name": name, "data_type": kind, "dims": [str(dim) for dim in dims]}


def config(**changes: Any) -> dict[str, Any]:
    written = {
        "name": "double",
        "max_batch_size": 8,
        "input": [tensor("x", [-1])],
        "output": [tensor("doubled", [-1]), tensor("total", [])],
        "parameters": {"intra_op_thread_count": {"string_value": "1"}},
    }
    return written | changes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model folder whose graph gives `doubled` = x + x and `total` = the sum of each row; x must not be 3 wide."""
    x, doubled = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", "w"]) for name in ("x", "doubled"))
    total = helper.make_tensor_value_info("total", TensorProto.FLOAT, ["n"])
    nodes = [
        # A product with rows of two: any other width fails in the run, as a bad request does.
        helper.make_node("Add", ["x", "x"], ["sum"]),
        helper.make_node("Mul", ["sum", "ones"], ["doubled"]),
        helper.make_node("ReduceSum", ["x", "axis"], ["total"], keepdims=0),
    ]
    weights = [
        helper.make_tensor("ones", TensorProto.FLOAT, [2], [1.0, 1.0]),
        helper.make_tensor("axis", TensorProto.INT64, [1], [1]),
    ]
    graph = helper.make_graph(nodes, "double", [x], [doubled, total], weights)
    (tmp_path / "1").mkdir()
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.save(model, tmp_path / "1" / "model.onnx")
    return tmp_path


class Spy:
    """A session that notes the shapes and outputs of its runs."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.runs: list[tuple[list[str], dict[str, tuple[int, ...]]]] = []

    def run(self, outputs: list[str], feeds: dict[str, Any]) -> Any:
        self.runs.append((outputs, {name: values.shape for name, values in feeds.items()}))
        return self.session.run(outputs, feeds)


@pytest.fixture
def serve(backend: Any, folder: Path) -> Callable[..., Any]:
    """Loads the model with a configuration; its runs are noted."""

    def load(**changes: Any) -> Any:
        served = backend.TritonPythonModel()
        written = json.dumps(config(**changes))
        served.initialize({"model_config": written, "model_repository": str(folder), "model_version": "1"})
        served._session = served._narrow_session = Spy(served._session)
        return served

    return load


@pytest.fixture
def model(serve: Callable[..., Any]) -> Any:
    return serve()


def parameters(**values: str) -> dict[str, Any]:
    return {name: {"string_value": value} for name, value in values.items()}


def rows(*values: Sequence[float]) -> Any:
    return np.array(values, np.float32)


def test_requests_of_equal_shape_share_one_run_and_get_their_own_rows_back(model: Any) -> None:
    first, second, third = rows([1, 2]), rows([3, 4], [5, 6]), rows([7, 8])
    answers = model.execute([Request(first), Request(second), Request(third)])
    assert [run[1] for run in model._session.runs] == [{"x": (4, 2)}]
    for values, answer in zip((first, second, third), answers, strict=True):
        np.testing.assert_array_equal(answer.outputs["doubled"], values * 2)


@pytest.mark.parametrize("parallel", ["1", "2"])
def test_more_rows_than_a_run_may_have_are_run_in_even_parts(serve: Callable[..., Any], parallel: str) -> None:
    served = serve(parameters=parameters(rows_per_run="3", parallel_runs=parallel))
    asked = [rows([1, 2]), rows([3, 4], [5, 6]), rows([7, 8]), rows(*[[9, 9], [8, 9]] * 3), rows([10, 10])]
    answers = served.execute([Request(values) for values in asked])
    assert sorted(run[1]["x"] for run in served._session.runs) == [(2, 2), (3, 2), (3, 2), (3, 2)]
    for values, answer in zip(asked, answers, strict=True):
        np.testing.assert_array_equal(answer.outputs["doubled"], values * 2)
    served.finalize()


def test_runs_of_one_batch_are_computed_at_the_same_time(serve: Callable[..., Any]) -> None:
    served = serve(parameters=parameters(rows_per_run="1", parallel_runs="2"))
    session, both = served._session, threading.Barrier(2)

    class Waiting:
        def run(self, *asked: Any) -> Any:
            both.wait(10)  # a run that has nobody beside it breaks here
            return session.run(*asked)

    served._narrow_session = Waiting()
    first, second = served.execute([Request(rows([1, 2])), Request(rows([3, 4]))])
    np.testing.assert_array_equal(first.outputs["doubled"], rows([2, 4]))
    np.testing.assert_array_equal(second.outputs["doubled"], rows([6, 8]))
    served.finalize()


def test_a_bad_request_in_parts_fails_alone(model: Any) -> None:
    model._rows_per_run = 2
    asked = [rows([1, 2, 3]), rows([1, 2, 3]), rows([1, 2], [3, 4], [5, 6])]
    answers = model.execute([Request(values) for values in asked])
    assert [answer.error is None for answer in answers] == [False, False, True]
    np.testing.assert_array_equal(answers[2].outputs["doubled"], asked[2] * 2)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # the module is the same for every example
@given(counts=st.lists(st.integers(0, 20), min_size=1, max_size=12), most=st.integers(0, 9), parallel=st.integers(1, 4))
def test_every_row_is_in_one_run_and_no_run_has_too_many(
    backend: Any, counts: list[int], most: int, parallel: int
) -> None:
    runs = backend.cut(counts, most, parallel)
    for place, count in enumerate(counts):
        parts = [part for run in runs for at, part in run if at == place]
        assert [row for part in parts for row in range(part.start, part.stop)] == list(range(count))
        assert parts
    sizes = [sum(part.stop - part.start for _, part in run) for run in runs]
    assert max(sizes) <= (most or sum(counts))


@pytest.mark.parametrize(
    ("total", "most", "parallel", "sizes"),
    [
        (16, 16, 1, [16]),
        (16, 16, 2, [8, 8]),
        (8, 16, 2, [4, 4]),
        (7, 16, 2, [7]),
        (17, 16, 2, [9, 8]),
        (40, 16, 2, [10, 10, 10, 10]),
        (64, 16, 2, [16, 16, 16, 16]),
        (2, 2, 2, [1, 1]),
        (3, 2, 2, [2, 1]),
        (1, 1, 4, [1]),
        (9, 0, 4, [9]),
    ],
)
def test_runs_are_even_and_enough_for_all_threads(
    backend: Any, total: int, most: int, parallel: int, sizes: list[int]
) -> None:
    runs = backend.cut([total], most, parallel)
    assert [sum(part.stop - part.start for _, part in run) for run in runs] == sizes


def test_a_run_that_is_alone_has_all_threads_and_runs_side_by_side_have_one_each(backend: Any, folder: Path) -> None:
    served = backend.TritonPythonModel()
    written = config(parameters=parameters(intra_op_thread_count="2", rows_per_run="1", parallel_runs="2"))
    served.initialize({"model_config": json.dumps(written), "model_repository": str(folder), "model_version": "1"})
    wide, narrow = served._session, served._narrow_session
    assert [one.get_session_options().intra_op_num_threads for one in (wide, narrow)] == [2, 1]
    served._session, served._narrow_session = Spy(wide), Spy(narrow)
    served.execute([Request(rows([1, 2]))])
    served.execute([Request(rows([1, 2])), Request(rows([3, 4]))])
    assert (len(served._session.runs), len(served._narrow_session.runs)) == (1, 2)


def test_a_lone_request_is_not_copied(backend: Any) -> None:
    values = rows([1, 2])
    assert backend.join([values]) is values


def test_only_outputs_that_someone_wants_are_computed_and_each_gets_only_its_own(model: Any) -> None:
    answers = model.execute([Request(rows([1, 2]), ["total"]), Request(rows([3, 4]), ["total"])])
    assert model._session.runs[0][0] == ["total"]
    assert [set(answer.outputs) for answer in answers] == [{"total"}, {"total"}]
    answers = model.execute([Request(rows([1, 2]), ["total"]), Request(rows([3, 4]), ["doubled"])])
    assert [set(answer.outputs) for answer in answers] == [{"total"}, {"doubled"}]


def test_a_bad_request_fails_alone(model: Any) -> None:
    answers = model.execute([Request(rows([1, 2])), Request(rows([1, 2, 3])), Request(rows([3, 4]))])
    assert [answer.error is None for answer in answers] == [True, False, True]
    np.testing.assert_array_equal(answers[2].outputs["doubled"], rows([6, 8]))


def test_a_run_that_fails_is_repeated_one_by_one(model: Any) -> None:
    answers = model.execute([Request(rows([1, 2, 3])), Request(rows([4, 5, 6]))])
    assert len(model._session.runs) == 3
    assert all(answer.error is not None for answer in answers)


def test_a_cancelled_request_is_answered_without_a_run(model: Any) -> None:
    cancelled, kept = model.execute([Request(rows([1, 2]), cancelled=True), Request(rows([3, 4]))])
    assert cancelled.error.code == TritonError.CANCELLED
    assert [run[1] for run in model._session.runs] == [{"x": (1, 2)}]
    np.testing.assert_array_equal(kept.outputs["doubled"], rows([6, 8]))


def test_a_light_canary_is_answered_when_its_turn_comes_and_not_computed(model: Any) -> None:
    canary, other = model.execute([Request(rows([1, 2]), parameters='{"canary":true}'), Request(rows([3, 4]))])
    assert (canary.error, canary.outputs) == (None, {})
    assert [run[1] for run in model._session.runs] == [{"x": (1, 2)}]
    np.testing.assert_array_equal(other.outputs["doubled"], rows([6, 8]))
    (alone,) = model.execute([Request(rows([1, 2]), parameters='{"canary":true}')])
    assert alone.error is None
    assert len(model._session.runs) == 1


def test_without_a_batch_dimension_requests_run_one_by_one(serve: Callable[..., Any]) -> None:
    served = serve(
        max_batch_size=0, input=[tensor("x", [-1, -1])], output=[tensor("doubled", [-1, -1]), tensor("total", [-1])]
    )
    answers = served.execute([Request(rows([1, 2])), Request(rows([3, 4]))])
    assert len(served._session.runs) == 2
    np.testing.assert_array_equal(answers[1].outputs["doubled"], rows([6, 8]))


def test_an_output_that_is_not_as_configured_never_leaves(model: Any) -> None:
    model._outputs["doubled"] = tensor("doubled", [7])
    (answer,) = model.execute([Request(rows([1, 2]))])
    assert answer.error.code == TritonError.INTERNAL
    assert "doubled came as float32[1, 2], expected float32[1, 7]" in answer.error.text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"input": [tensor("y", [-1])]}, r"input \['x', 'y'\] is not in both"),
        ({"output": [tensor("other", [-1])]}, r"output \['other'\] is not in both"),
        ({"input": [tensor("x", [-1], "TYPE_INT32")]}, r"tensor\(float\) in the graph, TYPE_INT32"),
        ({"input": [tensor("x", [-1, 3])]}, r"has dims \['n', 'w'\] in the graph, \[-1, -1, 3\]"),
        ({"input": [tensor("x", [-1]) | {"reshape": {"shape": []}}]}, "reshape or optional"),
    ],
)
def test_a_configuration_that_does_not_fit_the_graph_is_refused(
    backend: Any, folder: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        backend.check_config(config(**changes), open_session(folder / "1" / "model.onnx"))


def test_a_configuration_need_not_show_every_output(backend: Any, folder: Path) -> None:
    backend.check_config(config(output=[tensor("total", [])]), open_session(folder / "1" / "model.onnx"))
