"""The health methods (grpc.health.v1), described once for both clients."""

from __future__ import annotations

from enum import Enum
from typing import Any

from grpc_health.v1 import health_pb2

from sensorium_client._call import Call
from sensorium_client._errors import ErrorDetails, UnavailableError
from sensorium_client._retry import NO_RETRIES, RetryPolicy

SERVICE = "sensorium.vision.v1.VisionService"


class HealthStatus(Enum):
    """What a service says of itself."""

    UNKNOWN = "UNKNOWN"
    SERVING = "SERVING"
    NOT_SERVING = "NOT_SERVING"
    SERVICE_UNKNOWN = "SERVICE_UNKNOWN"


def check_health(service: str = SERVICE, *, deadline: float | None = 5.0) -> Call[HealthStatus]:
    """Ask once, without retries, whether the service serves.

    Args:
        service: the service's full name; empty for the whole server.
        deadline: seconds until the answer must be here; None for the client's default.

    Raises:
        UnavailableError: nobody answers.
        NotFoundError: the server does not know the service.
        SensoriumError: the call failed otherwise.
    """
    request = health_pb2.HealthCheckRequest(service=service)
    return Call(lambda stubs: stubs.health.Check, request, _health_status, deadline, NO_RETRIES)


def wait_until_serving(service: str = SERVICE, *, deadline: float | None = 60.0) -> Call[None]:
    """Wait until the service serves, also while it is not there yet.

    Args:
        service: the service's full name; empty for the whole server.
        deadline: seconds to wait at most; None for the client's default.

    Raises:
        UnavailableError: it did not serve within the deadline.
        DeadlineExceededError: it did not even answer.
        SensoriumError: the call failed otherwise.
    """
    request = health_pb2.HealthCheckRequest(service=service)
    return Call(lambda stubs: stubs.health.Check, request, _expect_serving, deadline, _PATIENT)


_PATIENT = RetryPolicy(max_attempts=1_000_000, first_delay=0.05, max_delay=0.5)


def _health_status(response: Any) -> HealthStatus:
    return HealthStatus(health_pb2.HealthCheckResponse.ServingStatus.Name(response.status))


def _expect_serving(response: Any) -> None:
    status = _health_status(response)
    if status is not HealthStatus.SERVING:
        text = f"the service is there and says {status.value}"
        raise UnavailableError(text, details=ErrorDetails(reason="NOT_SERVING"))
