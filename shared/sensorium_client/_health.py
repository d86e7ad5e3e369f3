"""The health methods (grpc.health.v1), described once for both clients."""

from __future__ import annotations

from enum import Enum
from typing import Any

from grpc_health.v1 import health_pb2

from sensorium_client._call import Call, Service
from sensorium_client._errors import ErrorDetails, UnavailableError
from sensorium_client._retry import NO_RETRIES, RetryPolicy


class HealthStatus(Enum):
    """What a service says of itself."""

    UNKNOWN = "UNKNOWN"
    SERVING = "SERVING"
    NOT_SERVING = "NOT_SERVING"
    SERVICE_UNKNOWN = "SERVICE_UNKNOWN"


def check_health(own: Service, service: str | None = None, *, deadline: float | None = 5.0) -> Call[HealthStatus]:
    """Ask once, without retries, whether the service serves.

    Args:
        own: the client's own service.
        service: full name of another service of the server, or empty for the whole server; None for the client's own.
        deadline: seconds until the answer must be here; None for the client's default.

    Raises:
        UnavailableError: nobody answers.
        NotFoundError: the server does not know the service.
        SensoriumError: the call failed otherwise.
    """
    request = _request(own, service)
    return Call(lambda stubs: stubs.health.Check, request, _health_status, deadline, NO_RETRIES)


def wait_until_serving(own: Service, service: str | None = None, *, deadline: float | None = 60.0) -> Call[None]:
    """Wait until the service serves, also while it is not there yet.

    Args:
        own: the client's own service.
        service: full name of another service of the server, or empty for the whole server; None for the client's own.
        deadline: seconds to wait at most; None for the client's default.

    Raises:
        UnavailableError: it did not serve within the deadline.
        DeadlineExceededError: it did not even answer.
        SensoriumError: the call failed otherwise.
    """
    request = _request(own, service)
    return Call(lambda stubs: stubs.health.Check, request, _expect_serving, deadline, _PATIENT)


_PATIENT = RetryPolicy(max_attempts=1_000_000, first_delay=0.05, max_delay=0.5)


def _request(own: Service, service: str | None) -> health_pb2.HealthCheckRequest:
    return health_pb2.HealthCheckRequest(service=own.defaults.full_name if service is None else service)


def _health_status(response: Any) -> HealthStatus:
    return HealthStatus(health_pb2.HealthCheckResponse.ServingStatus.Name(response.status))


def _expect_serving(response: Any) -> None:
    status = _health_status(response)
    if status is not HealthStatus.SERVING:
        text = f"the service is there and says {status.value}"
        raise UnavailableError(text, details=ErrorDetails(reason="NOT_SERVING"))
