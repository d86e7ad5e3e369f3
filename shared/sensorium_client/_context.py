"""Identifiers of the plant that go with a call and come back with its answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sensorium.type.v1 import request_context_pb2
from sensorium_client._message import build


@dataclass(frozen=True)
class RequestContext:
    """What to find again in the answer, in logs and in traces; named after OPC 40100-1. Empty fields are not sent."""

    request_id: str = ""
    """Names the call in logs and errors; the server makes one up when it is empty."""
    meas_id: str = ""
    part_id: str = ""
    recipe_id: str = ""
    product_id: str = ""
    job_id: str = ""
    station: str = ""

    def to_proto(self) -> request_context_pb2.RequestContext:
        """The protobuf message.

        Raises:
            InvalidInputError: an identifier has a lone surrogate.
        """
        return build(request_context_pb2.RequestContext, asdict(self), "context")

    @classmethod
    def from_proto(cls, message: request_context_pb2.RequestContext) -> RequestContext:
        """The context that a response echoes."""
        return cls(
            request_id=message.request_id,
            meas_id=message.meas_id,
            part_id=message.part_id,
            recipe_id=message.recipe_id,
            product_id=message.product_id,
            job_id=message.job_id,
            station=message.station,
        )


def context_message(context: RequestContext | None) -> request_context_pb2.RequestContext | None:
    """The protobuf message, or None where there is no context."""
    return None if context is None else context.to_proto()
