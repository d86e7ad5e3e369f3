"""The HTTP endpoint that Prometheus scrapes."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import structlog
from prometheus_client import CollectorRegistry, make_wsgi_app

Environment = dict[str, Any]
Guard = Callable[[Environment], HTTPStatus]
PEER_CERTIFICATE = "sensorium.peer_certificate"
"""Where a guard finds the certificate (DER) that a caller of the endpoint has proved to own; None without one."""

_CALLER_SECONDS = 10.0
_MOST_CALLERS = 16
_log = structlog.get_logger("metrics")


class MetricsServer:
    """Serves metrics over HTTP or HTTPS; it runs in threads of its own.

    Args:
        registry: the metrics.
        host, port: where to listen; port 0 takes a free one.
        context: gives the TLS context for a connection that comes in; None for plain HTTP.
        guard: says by its status who may read; by default everybody.

    Raises:
        OSError: the port is taken.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        host: str,
        port: int,
        *,
        context: Callable[[], ssl.SSLContext] | None = None,
        guard: Guard | None = None,
    ) -> None:
        app = make_wsgi_app(registry)
        self._server = _Server(host, port, context)
        self._server.set_app(_guarded(app, guard) if guard else app)
        self.port: int = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops answering and frees the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingMixIn, WSGIServer):
    """A thread per connection, some at most; a silent one is dropped after a while, and each after a longer while."""

    daemon_threads = True
    longest_connection = 30.0

    def __init__(self, host: str, port: int, context: Callable[[], ssl.SSLContext] | None) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)
        self._context = context
        self._places = threading.BoundedSemaphore(_MOST_CALLERS)

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002 - as in the base class
        return self._places.acquire(blocking=False)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(_CALLER_SECONDS)
        # Who sends a letter now and then is never silent, and would keep a place for ever.
        end = threading.Timer(self.longest_connection, _hang_up, [request])
        end.daemon = True
        end.start()
        try:
            self._serve(request, client_address)
        finally:
            end.cancel()

    def _serve(self, request: Any, client_address: Any) -> None:
        if self._context is None:
            super().finish_request(request, client_address)
            return
        # The handshake belongs into the connection's thread: in accept() one silent caller would hold up all others.
        with self._context().wrap_socket(request, server_side=True) as secured:
            super().finish_request(secured, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - as in the base class
        _log.debug("a connection to the metrics failed", exc_info=True)


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # it has ended by itself
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(WSGIRequestHandler):
    def get_environ(self) -> Environment:
        environment: Environment = super().get_environ()
        secured = isinstance(self.connection, ssl.SSLSocket)
        environment[PEER_CERTIFICATE] = self.connection.getpeercert(binary_form=True) if secured else None
        return environment

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as in the base class
        pass


def _guarded(app: Any, guard: Guard) -> Any:
    def serve(environment: Environment, start_response: Any) -> Any:
        status = guard(environment)
        if status is HTTPStatus.OK:
            return app(environment, start_response)
        headers = [("Content-Type", "text/plain")]
        if status is HTTPStatus.UNAUTHORIZED:
            headers.append(("WWW-Authenticate", "Bearer"))
        start_response(f"{status.value} {status.phrase}", headers)
        return [status.phrase.encode()]

    return serve
