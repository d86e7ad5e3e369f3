"""A call that is ready to be made, by the sync or the async client, and the service that it goes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message
from grpc_health.v1 import health_pb2_grpc

from sensorium_client._defaults import ServiceDefaults
from sensorium_client._files import MAX_INPUT_BYTES
from sensorium_client._retry import RetryPolicy

R = TypeVar("R")


@dataclass(frozen=True)
class Service:
    """The service that a class of clients calls."""

    defaults: ServiceDefaults
    stub: Callable[[Any], Any]
    """Makes the service's stub on a `grpc.Channel` or a `grpc.aio.Channel`."""
    list_models_request: Callable[[], Message]
    heavy_requests: bool = False
    """Whether making a request reads files or copies much, which the async client then does in a thread."""
    max_input: int = MAX_INPUT_BYTES
    """Most bytes of what a request carries."""


class Stubs:
    """The stubs on one channel, sync or aio."""

    def __init__(self, channel: Any, service: Service) -> None:
        """Bind the stubs to a `grpc.Channel` or a `grpc.aio.Channel`."""
        self.service: Any = service.stub(channel)
        self.health: Any = health_pb2_grpc.HealthStub(channel)


@dataclass(frozen=True)
class Call(Generic[R]):
    """One call that a client has yet to make."""

    method: Callable[[Stubs], Any]
    """Picks the method to call."""
    request: Message
    parse: Callable[[Any], R]
    """Turns the response into the result; may raise a SensoriumError, which counts as a failed attempt."""
    deadline: float | None
    """Seconds for all attempts together; None for the client's default."""
    retry: RetryPolicy | None = None
    """None for the client's policy."""
