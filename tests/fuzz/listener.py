"""The HTTP listener of the metrics, which anybody who can connect can send bytes to."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Sequence
from http import HTTPStatus

from fuzz.target import Target
from sensorium_core.telemetry import Metrics
from sensorium_core.telemetry.endpoint import Environment, MetricsServer

_TOKEN = "authorization-of-the-test"


def _guard(environment: Environment) -> HTTPStatus:
    return HTTPStatus.OK if environment.get("HTTP_AUTHORIZATION") == _TOKEN else HTTPStatus.UNAUTHORIZED


_servers: list[MetricsServer] = []


def _take(data: bytes) -> None:
    if not _servers:
        _servers.append(MetricsServer(Metrics().registry, "127.0.0.1", 0, guard=_guard))
    with socket.create_connection(("127.0.0.1", _servers[0].port), 10) as connection:
        with contextlib.suppress(OSError):  # it may have hung up already
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while part := connection.recv(1 << 16):
                answer += part
    # Without the word that opens the door nothing is read, and nothing of the code is seen.
    if _TOKEN.encode() not in data:
        assert b"sensorium_" not in answer
    assert b"Traceback" not in answer


def _seeds() -> Sequence[bytes]:
    ok = f"authorization: {_TOKEN}\r\n".encode()
    return [
        b"GET /metrics HTTP/1.1\r\nHost: a\r\n" + ok + b"\r\n",
        b"GET /metrics HTTP/1.0\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
        b"GET /metrics?name[]=a&name[]=b HTTP/1.1\r\nAccept: application/openmetrics-text\r\nAccept-Encoding: gzip\r\n"
        + ok
        + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ]


metrics_http = Target(_take, _seeds)
