"""What all Python models of Sensorium have in common: how requests become a batch, and how each of them may fail.

The build copies this file beside the model's `model.py`. It runs inside Triton's stub process, in the runtime venv with
numpy 1, so it imports nothing of Sensorium.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
import triton_python_backend_utils as pb_utils
from numpy.typing import NDArray

Array = NDArray[Any]
Config = Mapping[str, Any]


class InvalidRequestError(ValueError):
    """A request holds what the model cannot work on; the text goes back to who sent it."""


class Item(NamedTuple):
    """One request: its tensors by name, and whether its caller has gone meanwhile (asking costs some 0.1 ms)."""

    inputs: Mapping[str, Array]
    cancelled: Callable[[], bool]


class BatchModel:
    """The part of a `TritonPythonModel` that is always the same; a model fills in `load`, `check` and `run`."""

    def load(self, folder: Path, config: Config, *, gpu: bool) -> None:
        """Read the files of the version in `folder`.

        Raises:
            ValueError: The configuration asks for what the model does not do; it is then not served.
        """
        raise NotImplementedError

    def check(self, inputs: Mapping[str, Array]) -> None:
        """Look at one request before it joins a batch.

        Raises:
            InvalidRequestError: It cannot be answered; the others of its batch are.
        """

    def run(self, items: Sequence[Item]) -> Sequence[Mapping[str, Array] | None]:
        """The outputs of every request; None for one that was cancelled while it ran."""
        raise NotImplementedError

    def initialize(self, args: Mapping[str, str]) -> None:
        """Called once by Triton."""
        config = json.loads(args["model_config"])
        self._outputs = {output["name"]: output for output in config["output"]}
        folder = Path(args["model_repository"]) / args["model_version"]
        self.load(folder, config, gpu=args.get("model_instance_kind") == "GPU")

    def execute(self, requests: Sequence[Any]) -> list[Any]:
        """Called by Triton with what it has queued: answers in the order of the requests."""
        answers: list[Any] = [None] * len(requests)
        members: dict[int, Item] = {}
        for position, request in enumerate(requests):
            # A lone request has just left the queue, from which Triton drops cancelled ones: it need not be asked.
            if len(requests) > 1 and request.is_cancelled():
                answers[position] = _cancelled()
                continue
            inputs = {tensor.name(): tensor.as_numpy() for tensor in request.inputs()}
            try:
                self.check(inputs)
            except InvalidRequestError as error:
                answers[position] = _failure(str(error), pb_utils.TritonError.INVALID_ARG)
            else:
                members[position] = Item(inputs, request.is_cancelled)
        for position, answer in zip(members, self._answer(list(members.values())), strict=True):
            wanted = set(requests[position].requested_output_names())
            answers[position] = self._respond(answer, wanted)
        return answers

    def _answer(self, items: list[Item]) -> list[Any]:
        """For each item its outputs, None, or the error that it failed with."""
        try:
            return list(self.run(items)) if items else []
        except Exception as error:
            if len(items) > 1:
                # One bad request must not fail the others, and which one it is only shows alone.
                return [answer for item in items for answer in self._answer([item])]
            pb_utils.Logger.log_error(f"a request failed: {error}")
            return [error]

    def _respond(self, answer: Any, wanted: set[str]) -> Any:
        if answer is None:
            return _cancelled()
        if isinstance(answer, Exception):
            return _failure(str(answer), pb_utils.TritonError.INTERNAL)
        try:
            for name, values in answer.items():
                check_output(self._outputs[name], values)
        except ValueError as error:
            return _failure(str(error), pb_utils.TritonError.INTERNAL)
        tensors = [pb_utils.Tensor(name, values) for name, values in answer.items() if name in wanted]
        return pb_utils.InferenceResponse(output_tensors=tensors)


def parameters(config: Config) -> dict[str, str]:
    """The parameters of the model's configuration."""
    return {key: value["string_value"] for key, value in config.get("parameters", {}).items()}


def open_session(path: Path, config: Config, *, gpu: bool = False) -> Any:
    """An ONNX Runtime session on `path`, with the threads that the configuration's parameters ask for.

    Operators run one after the other, and idle threads never spin, which on few cores would slow the other models.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(parameters(config).get("intra_op_thread_count", "1"))
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # exporters' leftovers are warned about at each load
    wanted = ["CUDAExecutionProvider", "CPUExecutionProvider"] if gpu else ["CPUExecutionProvider"]
    providers = [name for name in wanted if name in onnxruntime.get_available_providers()]
    return onnxruntime.InferenceSession(str(path), options, providers=providers)


def check_output(written: Config, values: Array) -> None:
    """Check one output against the configuration, as Triton does for native backends only.

    Raises:
        ValueError: Its type is another, or its dims behind the batch dimension are.
    """
    expected = np.dtype(pb_utils.triton_string_to_numpy(written["data_type"]))
    dims = [int(dim) for dim in written["dims"]]
    agree = values.ndim == len(dims) + 1 and all(b in {a, -1} for a, b in zip(values.shape[1:], dims, strict=True))
    if values.dtype != expected or not agree:
        came = f"{values.dtype}{list(values.shape)}"
        raise ValueError(f"output {written['name']} came as {came}, expected {expected}[batch, {str(dims)[1:]}")


def _cancelled() -> Any:
    return _failure("cancelled by the caller", pb_utils.TritonError.CANCELLED)


def _failure(text: str, code: Any) -> Any:
    return pb_utils.InferenceResponse(error=pb_utils.TritonError(text, code))
