"""The only way to Triton: a client, specs of models, and a catalog of the models that a service uses."""

from sensorium_core.triton._breaker import CircuitBreaker, CircuitOpenError, CircuitState
from sensorium_core.triton._catalog import ModelCatalog
from sensorium_core.triton._client import (
    ADMIN_HEADER,
    ADMIN_KEY_NAME,
    InferResult,
    TritonClient,
)
from sensorium_core.triton._connect import catalog_of, connect
from sensorium_core.triton._errors import ModelUnavailableError, TritonUnavailableError
from sensorium_core.triton._recording import Recorder
from sensorium_core.triton._repository import ModelFile, read_repository
from sensorium_core.triton._requests import canary_request, datatype_name, format_config, infer_request, parse_config
from sensorium_core.triton._served import ModelDescription, ServedModel
from sensorium_core.triton._spec import DATATYPES, DTYPES, ModelSpec, TensorSpec
from sensorium_core.triton._statistics import ModelCounters

__all__ = [
    "ADMIN_HEADER",
    "ADMIN_KEY_NAME",
    "DATATYPES",
    "DTYPES",
    "CircuitBreaker",
    "CircuitOpenError",
    "CircuitState",
    "InferResult",
    "ModelCatalog",
    "ModelCounters",
    "ModelDescription",
    "ModelFile",
    "ModelSpec",
    "ModelUnavailableError",
    "Recorder",
    "ServedModel",
    "TensorSpec",
    "TritonClient",
    "TritonUnavailableError",
    "canary_request",
    "catalog_of",
    "connect",
    "datatype_name",
    "format_config",
    "infer_request",
    "parse_config",
    "read_repository",
]
