"""What the listeners of a service need for TLS, followed as the files are rotated."""

import ssl
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import grpc

from sensorium_core.reload import Reloaded
from sensorium_core.security.settings import SecuritySettings
from sensorium_core.security.tls import follow, http_context, server_credentials
from sensorium_core.telemetry import Metrics


class Listeners:
    """TLS of the gRPC port and of the metrics, or plain text on both.

    Attributes:
        secure: whether they speak TLS.
        credentials: of the gRPC port; None for plain text.
        http_context: gives the newest context of the metrics; None for plain text.

    Raises:
        ConfigurationError: the files cannot be used.
    """

    def __init__(self, settings: SecuritySettings, metrics: Metrics) -> None:
        self._interval = settings.reload_interval
        self._followed: list[Reloaded[Any]] = []
        self.secure = False
        self.credentials: grpc.ServerCredentials | None = None
        self.http_context: Callable[[], ssl.SSLContext] | None = None
        files = settings.tls
        if files is None:
            return
        material = follow("listener", files, metrics)
        context = Reloaded("metrics_listener", files.all, lambda: http_context(files), metrics)
        self.secure = True
        self.credentials = server_credentials(material)
        self.http_context = lambda: context.value
        self._followed = [material, context]

    def watches(self) -> Iterator[Coroutine[Any, Any, None]]:
        """What must run for rotated files to be noticed."""
        return (each.watch(self._interval) for each in self._followed)
