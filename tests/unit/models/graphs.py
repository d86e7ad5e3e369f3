"""Small networks as files, and their answers."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx

from sensorium_models.inference import open_session

Array = np.ndarray[Any, Any]


def answer(model: onnx.ModelProto, inputs: dict[str, Array], folder: Path) -> dict[str, Array]:
    """All outputs of `model` for `inputs`, by ONNX Runtime."""
    path = folder / "model.onnx"
    onnx.save(model, path)
    session = open_session(path)
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs), strict=True))
