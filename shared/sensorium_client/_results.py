"""What every answer has, whatever the service."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeAlias, TypedDict

import numpy as np
import numpy.typing as npt
from google.protobuf import json_format
from google.protobuf.message import Message

from sensorium.type.v1 import inference_pb2
from sensorium_client._context import RequestContext

Float32Array: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ModelUse:
    """A model that took part in an answer, and the version that ran."""

    name: str
    version: str


@dataclass(frozen=True)
class Timings:
    """Where the time of a call went on the server; concurrent stages are added up."""

    decode: timedelta
    preprocess: timedelta
    triton_queue: timedelta
    triton_compute: timedelta
    postprocess: timedelta
    total: timedelta

    @classmethod
    def from_proto(cls, message: inference_pb2.Timings) -> Timings:
        """The timings that a response tells."""
        return cls(
            decode=message.decode.ToTimedelta(),
            preprocess=message.preprocess.ToTimedelta(),
            triton_queue=message.triton_queue.ToTimedelta(),
            triton_compute=message.triton_compute.ToTimedelta(),
            postprocess=message.postprocess.ToTimedelta(),
            total=message.total.ToTimedelta(),
        )


@dataclass(frozen=True)
class Label:
    """A class and its probability, 0 to 1."""

    index: int
    name: str
    score: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Result:
    """What every answer has. Results compare by identity, as arrays have no single answer to `==`."""

    context: RequestContext
    """The request's identifiers, the request id filled in."""
    models: tuple[ModelUse, ...]
    """Those that ran; empty for methods that need none."""
    timings: Timings
    message: Message = field(repr=False)
    """The protobuf response itself."""

    def to_json(self) -> str:
        """The response in protobuf's JSON mapping, on one line."""
        return message_to_json(self.message)


class CommonFields(TypedDict):
    """The fields of `Result`."""

    context: RequestContext
    models: tuple[ModelUse, ...]
    timings: Timings
    message: Message


def common_fields(response: Any) -> CommonFields:
    """The fields of `Result`, from any response that has them; protobuf's types have no common base that says so."""
    return {
        "context": RequestContext.from_proto(response.context),
        "models": tuple(ModelUse(use.name, use.version) for use in getattr(response, "models", ())),
        "timings": Timings.from_proto(response.timings),
        "message": response,
    }


def frozen(array: Float32Array) -> Float32Array:
    """The same array, read-only from now on: results are shared."""
    array.flags.writeable = False
    return array


def message_to_json(message: Message) -> str:
    """A message in protobuf's JSON mapping, on one line, characters beyond ASCII as they are.

    Numbers and texts that are zero or empty are there, too: the first document of a ranking has an `index`, an offset
    at the start of a text a `begin`. Only what the contract calls absent is left out.
    """
    return json_format.MessageToJson(
        message, indent=None, ensure_ascii=False, always_print_fields_with_no_presence=True
    )
