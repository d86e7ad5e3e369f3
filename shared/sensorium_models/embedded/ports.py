"""Ports are checked before the start, so that the message can say what to do; Triton itself would only fail."""

import socket

from sensorium_models.embedded.settings import ENV_PREFIX, TritonSettings

__all__ = ["PortTakenError", "check_ports"]


class PortTakenError(Exception):
    """Another process listens where the server was to listen."""


def check_ports(settings: TritonSettings) -> None:
    """Check that both ports of the server can be bound.

    Raises:
        PortTakenError: One cannot; the text names the port and the setting that moves it.
    """
    for field, purpose in (("grpc_port", "gRPC"), ("metrics_port", "metrics")):
        port: int = getattr(settings, field)
        with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
            # As the server does it: connections of an earlier server that still linger do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.host, port))
            except OSError as error:
                raise PortTakenError(
                    f"Triton's {purpose} cannot listen on {settings.host}:{port} ({error.strerror}); "
                    f"free the port, or set {ENV_PREFIX}{field.upper()} to another"
                ) from error
