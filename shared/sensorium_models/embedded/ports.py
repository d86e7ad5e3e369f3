"""Ports are checked before the start, so that the message can say what to do; Triton itself would only fail."""

import socket
from pathlib import Path

from sensorium_models.embedded.settings import ENV_PREFIX, TritonSettings

__all__ = ["PortTakenError", "check_ports", "open_folder"]


class PortTakenError(Exception):
    """Another process listens where the server was to listen."""


def check_ports(settings: TritonSettings) -> None:
    """Check that the ports of the server can be bound; with a socket there is no port for gRPC.

    Raises:
        PortTakenError: One cannot; the text names the port and the setting that moves it.
    """
    ports = [("grpc_port", "gRPC")] if settings.socket is None else []
    for field, purpose in (*ports, ("metrics_port", "metrics")):
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


def open_folder(path: Path) -> None:
    """Make the folder of a socket, for this user alone.

    Raises:
        PortTakenError: It is there already, and others can enter it.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.parent.stat().st_mode & 0o077:
        raise PortTakenError(
            f"other users can enter {path.parent}, where Triton's socket is to lie; chmod 700 it, or set "
            f"{ENV_PREFIX}SOCKET to a path in another folder"
        )
