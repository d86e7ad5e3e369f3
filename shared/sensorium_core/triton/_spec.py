"""What a service expects of a model, checked against what the server holds."""

from dataclasses import dataclass
from typing import Any

import numpy as np

# Triton's names of the types on the wire; `np.dtype` gives the layout of the raw bytes.
DTYPES: dict[str, np.dtype[Any]] = {
    "BOOL": np.dtype(np.bool_),
    "UINT8": np.dtype(np.uint8),
    "INT16": np.dtype("<i2"),
    "INT32": np.dtype("<i4"),
    "INT64": np.dtype("<i8"),
    "FP16": np.dtype("<f2"),
    "FP32": np.dtype("<f4"),
    "FP64": np.dtype("<f8"),
}
DATATYPES = {dtype: name for name, dtype in DTYPES.items()}


@dataclass(frozen=True)
class TensorSpec:
    """A tensor on the wire.

    Attributes:
        name: as in config.pbtxt.
        datatype: Triton's name of the type, such as `UINT8`.
        shape: dimensions, the batch dimension first; -1 where any size goes.
    """

    name: str
    datatype: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class ModelSpec:
    """A model as a service uses it.

    Attributes:
        name: the model's name in the repository.
        inputs: all its inputs.
        outputs: those of its outputs that the service reads.
    """

    name: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]

    def differences(self, metadata: Any) -> list[str]:
        """What in the server's ModelMetadata is not as this spec says; empty when all fits."""
        problems = _missing(self.name, "input", self.inputs, metadata.inputs)
        problems += _missing(self.name, "output", self.outputs, metadata.outputs)
        expected = {tensor.name for tensor in self.inputs}
        extra = [tensor.name for tensor in metadata.inputs if tensor.name not in expected]
        return problems + [f"{self.name}: the service does not send the input {name!r}" for name in extra]


def _missing(model: str, kind: str, expected: tuple[TensorSpec, ...], served: Any) -> list[str]:
    by_name = {tensor.name: TensorSpec(tensor.name, tensor.datatype, tuple(tensor.shape)) for tensor in served}
    problems = []
    for spec in expected:
        found = by_name.get(spec.name)
        if found is None:
            problems.append(f"{model}: no {kind} {spec.name!r}")
        elif found != spec:
            problems.append(
                f"{model}: {kind} {spec.name!r} is {found.datatype}{list(found.shape)}, "
                f"expected {spec.datatype}{list(spec.shape)}"
            )
    return problems
