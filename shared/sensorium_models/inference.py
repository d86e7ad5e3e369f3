"""The builder's one door to ONNX Runtime: one thread, as the models are served, and no telemetry."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

# From 1.29 on ONNX Runtime reports its use to its maker over the network, unless told before it is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

from sensorium_models.recipe import Predict, Tensors

if TYPE_CHECKING:
    import onnx

__all__ = ["in_process", "open_model", "open_session", "read_ort"]


def open_session(path: Path) -> Any:
    """An ONNX Runtime session on the model at `path`."""
    return _session(path, severity=3)


def open_model(model: onnx.ModelProto) -> Any:
    """An ONNX Runtime session on a model in memory, to try it: errors are raised and not logged as well."""
    return _session(model.SerializeToString(), severity=4)


def read_ort(path: Path) -> onnx.ModelProto:
    """The graph of a file in ONNX Runtime's own format, operator by operator as it is stored."""
    import onnx  # noqa: PLC0415 - half a second to import: only some recipes need it

    options = _options(severity=3)
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.add_session_config_entry("session.save_model_format", "ONNX")
    with tempfile.TemporaryDirectory() as folder:
        options.optimized_model_filepath = f"{folder}/model.onnx"
        onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        return onnx.load(options.optimized_model_filepath)


def _session(model: Path | bytes, *, severity: int) -> Any:
    return onnxruntime.InferenceSession(model, _options(severity=severity), providers=["CPUExecutionProvider"])


def _options(*, severity: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = severity  # exporters' leftovers are warned about at each load
    return options


def in_process(path: Path) -> Predict:
    """The model at `path`, run in this process; gives all its outputs."""
    session = open_session(path)
    names = [output.name for output in session.get_outputs()]

    async def predict(inputs: Tensors) -> Tensors:
        return dict(zip(names, session.run(names, dict(inputs)), strict=True))

    return predict
