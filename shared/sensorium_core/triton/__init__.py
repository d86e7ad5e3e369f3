"""The only way to Triton: a client, specs of models, and a catalog of the models that a service uses."""

from sensorium_core.triton._catalog import ModelCatalog, ModelDescription, ServedModel
from sensorium_core.triton._client import (
    InferResult,
    TritonClient,
    canary_request,
    datatype_name,
    format_config,
    infer_request,
    parse_config,
)
from sensorium_core.triton._errors import ModelUnavailableError, TritonUnavailableError
from sensorium_core.triton._spec import DATATYPES, DTYPES, ModelSpec, TensorSpec
from sensorium_core.triton._statistics import ModelCounters

__all__ = [
    "DATATYPES",
    "DTYPES",
    "InferResult",
    "ModelCatalog",
    "ModelCounters",
    "ModelDescription",
    "ModelSpec",
    "ModelUnavailableError",
    "ServedModel",
    "TensorSpec",
    "TritonClient",
    "TritonUnavailableError",
    "canary_request",
    "datatype_name",
    "format_config",
    "infer_request",
    "parse_config",
]
