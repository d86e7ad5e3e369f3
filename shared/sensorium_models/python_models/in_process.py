"""A built Python model, run in this process: Triton's module is replaced by the few classes that `serving` uses."""

import importlib.util
import json
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from google.protobuf import json_format
from numpy.typing import NDArray

from sensorium_core.triton import DTYPES, parse_config
from sensorium_models.errors import ModelError
from sensorium_models.inference import in_process  # also before ONNX Runtime is imported, so that it has no telemetry
from sensorium_models.recipe import Predict, Tensors

__all__ = ["PythonModel", "Request", "Response", "built_model", "triton_utils"]

_UTILS = "triton_python_backend_utils"


class Tensor:
    """A named array, as Triton hands it over."""

    def __init__(self, name: str, values: NDArray[Any]) -> None:
        self._name, self._values = name, values

    def name(self) -> str:
        """Its name."""
        return self._name

    def as_numpy(self) -> NDArray[Any]:
        """Its values."""
        return self._values


class TritonError:
    """An error and its code."""

    CANCELLED, INTERNAL, INVALID_ARG = "CANCELLED", "INTERNAL", "INVALID_ARG"

    def __init__(self, text: str, code: str) -> None:
        self.text, self.code = text, code


class Response:
    """What a model answers: `outputs` by name, or an `error`."""

    def __init__(self, output_tensors: Sequence[Tensor] = (), error: TritonError | None = None) -> None:
        self.outputs = {tensor.name(): tensor.as_numpy() for tensor in output_tensors}
        self.error = error


class Request:
    """What a model is asked.

    Args:
        inputs: Tensors by name.
        outputs: Names of the wanted outputs.
        cancelled: For each time the model asks whether the caller has gone, the answer; the last one stays.
    """

    def __init__(
        self, inputs: Mapping[str, NDArray[Any]], outputs: Collection[str], cancelled: Sequence[bool] = (False,)
    ) -> None:
        self._inputs, self._outputs, self._cancelled = inputs, outputs, list(cancelled)

    def inputs(self) -> list[Tensor]:
        """The tensors that were sent."""
        return [Tensor(name, values) for name, values in self._inputs.items()]

    def requested_output_names(self) -> list[str]:
        """The outputs that are wanted."""
        return list(self._outputs)

    def is_cancelled(self) -> bool:
        """Whether the caller has gone."""
        return self._cancelled[0] if len(self._cancelled) == 1 else self._cancelled.pop(0)


class Logger:
    """Triton's log; here nobody reads it."""

    @staticmethod
    def log_error(text: str) -> None:
        """Drops the line."""


class PythonModel:
    """The model that the build has put in `folder`.

    Raises:
        ModelError: `folder` holds no Python model.
    """

    def __init__(self, folder: Path) -> None:
        code, config = folder / "1" / "model.py", folder / "config.pbtxt"
        if not (code.is_file() and config.is_file()):
            raise ModelError(f"{folder} holds no Python model")
        message = parse_config(config.read_text())
        self.outputs = [output.name for output in message.output]
        with triton_utils():
            self._model: Any = _load(code).TritonPythonModel()
            self._model.initialize(
                {
                    "model_config": json.dumps(_as_triton_writes_it(message)),
                    "model_repository": str(folder),
                    "model_version": "1",
                    "model_instance_kind": "CPU",
                }
            )

    def execute(self, requests: Sequence[Request]) -> list[Response]:
        """Answer requests that came as one batch."""
        answers: list[Response] = self._model.execute(requests)
        return answers

    def predict(self, inputs: Mapping[str, NDArray[Any]], outputs: Collection[str]) -> dict[str, NDArray[Any]]:
        """The outputs for one request.

        Raises:
            ModelError: The model answered with an error.
        """
        (answer,) = self.execute([Request(inputs, outputs)])
        if answer.error is not None:
            raise ModelError(f"the model answered {answer.error.code}: {answer.error.text}")
        return {name: answer.outputs[name] for name in outputs}


def built_model(folder: Path) -> Predict:
    """The model that the build has put in `folder`, graph or Python, run in this process; gives all its outputs."""
    if not (folder / "1" / "model.py").is_file():
        return in_process(folder / "1" / "model.onnx")
    python = PythonModel(folder)

    async def predict(inputs: Tensors) -> Tensors:
        return python.predict(inputs, python.outputs)

    return predict


def _as_triton_writes_it(config: Any) -> dict[str, Any]:
    written: dict[str, Any] = json_format.MessageToDict(
        config, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return written


@contextmanager
def triton_utils() -> Iterator[None]:
    """While it lasts, what imports Triton's module gets these classes."""
    utils: Any = ModuleType(_UTILS)
    utils.Tensor, utils.InferenceResponse, utils.TritonError, utils.Logger = Tensor, Response, TritonError, Logger
    utils.triton_string_to_numpy = lambda name: DTYPES[name.removeprefix("TYPE_")]
    before = sys.modules.get(_UTILS)
    sys.modules[_UTILS] = utils
    try:
        yield
    finally:
        if before is None:
            del sys.modules[_UTILS]
        else:
            sys.modules[_UTILS] = before


def _load(code: Path) -> ModuleType:
    """`code` as a module of a package of its own, as Triton loads it, so that its relative imports work."""
    package = f"_sensorium_python_model_{abs(hash(code.parent.resolve()))}"
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[name]  # the files may have been built anew
    parent = ModuleType(package)
    parent.__path__ = [str(code.parent)]
    sys.modules[package] = parent
    spec = importlib.util.spec_from_file_location(f"{package}.model", code)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module
    spec.loader.exec_module(module)
    return module
