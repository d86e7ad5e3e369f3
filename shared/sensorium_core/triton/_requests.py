"""Requests to Triton: inferences, and those that look after a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2, service_pb2

from sensorium_core.triton._spec import DATATYPES, DTYPES

Array = npt.NDArray[Any]

_CANARY_PRIORITY = 1
# The parameter of a request that only asks whether the model's process answers.
_LIGHT_CANARY = "canary"


def infer_request(
    name: str,
    inputs: Mapping[str, Array],
    outputs: Sequence[str],
    *,
    version: str = "",
    priority: int = 0,
    request_id: str = "",
) -> Any:
    """The ModelInferRequest for tensors of a type in `DTYPES`; the raw bytes travel, not typed lists."""
    request = service_pb2.ModelInferRequest(model_name=name, model_version=version, id=request_id)
    for tensor_name, array in inputs.items():
        tensor = request.inputs.add()
        tensor.name = tensor_name
        tensor.datatype = DATATYPES[array.dtype]
        tensor.shape.extend(array.shape)
        request.raw_input_contents.append(array.tobytes())
    for output in outputs:
        request.outputs.add().name = output
    if priority:
        request.parameters["priority"].uint64_param = priority
    return request


@dataclass
class Canary:
    """The canary of a model.

    Attributes:
        request: what is asked.
        patience: seconds that the model may take over what it is at.
        computed: when it was computed last, on the monotonic clock.
    """

    request: Any
    patience: float
    computed: float = float("-inf")

    def request_for(self, *, light: bool) -> Any:
        """The request, which may be answered without being computed if it is a light one."""
        if light:
            self.request.parameters[_LIGHT_CANARY].bool_param = True
        else:
            self.request.parameters.pop(_LIGHT_CANARY, None)
        return self.request


def canary_of(config: Any) -> Canary:
    """The canary that a ModelConfig asks for."""
    return Canary(canary_request(config), float(config.parameters["canary_seconds"].string_value or 0))


def canary_request(config: Any) -> Any:
    """The request that runs the first warm-up sample of a ModelConfig and asks for the first output only.

    Raises:
        ValueError: the configuration has no warm-up sample.
    """
    if not config.model_warmup:
        raise ValueError(f"model {config.name!r} has no model_warmup sample to serve as its canary")
    sample = config.model_warmup[0]
    batch = [sample.batch_size] if config.max_batch_size else []
    inputs = {
        name: np.zeros([*batch, *tensor.dims], DTYPES[datatype_name(tensor.data_type)])
        for name, tensor in sample.inputs.items()
    }
    return infer_request(config.name, inputs, [config.output[0].name], priority=_CANARY_PRIORITY)


def datatype_name(data_type: int) -> str:
    """The name on the wire of a ModelConfig data type: `UINT8` for TYPE_UINT8."""
    return str(model_config_pb2.DataType.Name(data_type)).removeprefix("TYPE_")


def parse_config(text: str) -> Any:
    """The ModelConfig message that a config.pbtxt describes.

    Raises:
        google.protobuf.text_format.ParseError: it is not a model configuration.
    """
    return text_format.Parse(text, model_config_pb2.ModelConfig())


def format_config(config: Any) -> str:
    """A ModelConfig message as the text of a config.pbtxt."""
    return text_format.MessageToString(config, as_utf8=True)


def expired_request(config: Any) -> Any:
    """The request that leaves a model's queue unexecuted, because its time is up; False for a queue that needs none."""
    policy = config.dynamic_batching.default_queue_policy
    if not policy.allow_timeout_override or policy.timeout_action != policy.REJECT or not config.model_warmup:
        return False
    request = canary_request(config)
    request.parameters["timeout"].int64_param = 1
    return request
