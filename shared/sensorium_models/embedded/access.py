"""How another process of the same user may change which models the embedded Triton serves."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from sensorium_core.peers import ClientTls
from sensorium_core.security.tls import follow
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import TritonClient
from sensorium_models.embedded.settings import TritonSettings

__all__ = ["Access", "open_client", "read_access"]


@dataclass(frozen=True, slots=True)
class Access:
    """What a server's launcher knows; another for every start of the server.

    Attributes:
        address: its gRPC target.
        key: opens its model repository.
        shm_prefix: names the shared memory of its models' processes; empty where these are not of this machine.
    """

    address: str
    key: str
    shm_prefix: str = ""

    @contextmanager
    def shared(self, settings: TritonSettings) -> Iterator[None]:
        """Leaves it in a file that only this user can read, while the block runs.

        Where there is no place for the file the server serves all the same; only its models cannot be updated.
        """
        path = _file(settings)
        with suppress(OSError):
            self._write(path)
        try:
            yield
        finally:
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def _write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f"{path.name}.new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(asdict(self), file)
        new.replace(path)


def read_access(settings: TritonSettings) -> Access | None:
    """How to reach the server that runs with these settings; None where none does, or where we may not know."""
    try:
        return Access(**json.loads(_file(settings).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def open_client(settings: TritonSettings, access: Access) -> TritonClient:
    """A client that may do everything; it connects when it is entered.

    Raises:
        ConfigurationError: A certificate cannot be used.
    """
    tls = follow("triton", settings.tls, Metrics()) if settings.tls else None
    return TritonClient(access.address, ClientTls(tls) if tls else None, access.key)


def _file(settings: TritonSettings) -> Path:
    return settings.repositories.absolute().parent / "run" / "triton.json"
