"""Asks services by gRPC's health protocol whether they serve."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sensorium_client._security import Metadata, Security
from sensorium_client.stack.settings import Endpoint

__all__ = ["CHANNEL_OPTIONS", "SERVING", "UNREACHABLE", "ask", "check", "wait_until_serving"]

SERVING = "SERVING"
UNREACHABLE = "UNREACHABLE"
_CALL_SECONDS = 2.0
_POLL_SECONDS = 0.1
CHANNEL_OPTIONS = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.enable_http_proxy", 0),  # a company's proxy has no way to this machine's own ports
)
"""Of a channel to a service of this machine."""


def check(endpoint: Endpoint) -> str:
    """Ask once: the name of a serving status, or UNREACHABLE."""
    security = Security.from_environment()
    with security.channel(endpoint.address, CHANNEL_OPTIONS) as channel:
        return _ask(channel, endpoint.health_name, security.metadata())


def wait_until_serving(
    endpoints: Sequence[Endpoint],
    *,
    timeout: float,
    given_up: threading.Event,
    report: Callable[[Mapping[str, str], float], None],
) -> dict[str, str]:
    """Wait until all endpoints serve, `timeout` seconds have passed or `given_up` is set; return the last statuses.

    `report` gets the status of each by its name and the seconds since the start, after each round.
    """
    start = time.monotonic()
    security = Security.from_environment()
    channels = [security.channel(endpoint.address, CHANNEL_OPTIONS) for endpoint in endpoints]
    try:
        while True:
            pairs = zip(endpoints, channels, strict=True)
            proof = security.metadata()
            statuses = {endpoint.name: _ask(channel, endpoint.health_name, proof) for endpoint, channel in pairs}
            elapsed = time.monotonic() - start
            report(statuses, elapsed)
            if all(status == SERVING for status in statuses.values()) or elapsed > timeout:
                return statuses
            if given_up.wait(_POLL_SECONDS):
                return statuses
    finally:
        for channel in channels:
            channel.close()


def _ask(channel: grpc.Channel, service: str, metadata: Metadata) -> str:
    try:
        return ask(channel, service, metadata)
    except grpc.RpcError as error:
        return "SERVICE_UNKNOWN" if error.code() is grpc.StatusCode.NOT_FOUND else UNREACHABLE


def ask(channel: grpc.Channel, service: str, metadata: Metadata) -> str:
    """Ask once, for two seconds: the name of a serving status.

    Raises:
        grpc.RpcError: There was no answer, or another one.
    """
    request = health_pb2.HealthCheckRequest(service=service)
    reply = health_pb2_grpc.HealthStub(channel).Check(request, timeout=_CALL_SECONDS, metadata=metadata)
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(reply.status))
