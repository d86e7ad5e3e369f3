"""Triton reads its certificate once, when it starts: somebody else has to notice that there is a new one."""

import asyncio

from sensorium_core.reload import Reloaded
from sensorium_core.security.tls import TlsFiles, TlsMaterial, follow
from sensorium_core.telemetry import Metrics

__all__ = ["ServedCertificate"]

_LOOK_EVERY_S = 1.0


class ServedCertificate:
    """What a server that is about to start will show and trust, and whether its files hold something else by now.

    Files that do not fit together, or have expired, are reported by the log and change nothing.

    Args:
        files: None for a server without TLS.

    Raises:
        ConfigurationError: the files cannot be used.
    """

    def __init__(self, files: TlsFiles | None, look_every_s: float = _LOOK_EVERY_S) -> None:
        self._source: Reloaded[TlsMaterial] | None = follow("triton", files, Metrics()) if files else None
        self._served = self._source.value if self._source else None
        self._look_every_s = look_every_s

    @property
    def is_outdated(self) -> bool:
        """Whether a server that starts now would show or trust something else."""
        return self._source is not None and self._source.value != self._served

    async def outdated(self) -> str:
        """Waits until it is; says so as the reason of a restart."""
        while not self.is_outdated:
            await asyncio.sleep(self._look_every_s)
            if self._source is not None:
                await asyncio.to_thread(self._source.look)
        return "has a new certificate"
