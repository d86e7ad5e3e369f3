"""The original networks as their authors run them: the reference that a served model is checked against."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensorium_models.inference import open_session

__all__ = ["OnnxSource", "centred_bgr"]


class OnnxSource:
    """An unchanged ONNX file with one input and one output, run in this process."""

    def __init__(self, path: Path) -> None:
        self._session = open_session(path)

    def __call__(self, values: NDArray[np.float32]) -> NDArray[Any]:
        """The network's output for `values`."""
        result: NDArray[Any] = self._session.run(None, {self._session.get_inputs()[0].name: values})[0]
        return result


def centred_bgr(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """PP-OCR's preprocessing of RGB `uint8[N,H,W,3]`: BGR `float32[N,3,H,W]`, (x / 255 - 0.5) / 0.5."""
    values = (images[..., ::-1].astype(np.float32) / np.float32(255) - np.float32(0.5)) / np.float32(0.5)
    return np.ascontiguousarray(values.transpose(0, 3, 1, 2))
