"""The builder's one door to ONNX Runtime: one thread, as the models are served, and no telemetry."""

import os
from pathlib import Path
from typing import Any

# From 1.29 on ONNX Runtime reports its use to its maker over the network, unless told before it is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

from sensorium_models.recipe import Predict, Tensors

__all__ = ["in_process", "open_session"]


def open_session(path: Path) -> Any:
    """An ONNX Runtime session on the model at `path`."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3  # exporters' leftovers are warned about at each load
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def in_process(path: Path) -> Predict:
    """The model at `path`, run in this process; gives all its outputs."""
    session = open_session(path)
    names = [output.name for output in session.get_outputs()]

    async def predict(inputs: Tensors) -> Tensors:
        return dict(zip(names, session.run(names, dict(inputs)), strict=True))

    return predict
