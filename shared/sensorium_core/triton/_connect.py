"""What a service uses of Triton, from its settings."""

from collections.abc import Iterable

import structlog

from sensorium_core.peers import peer_tls
from sensorium_core.security.settings import SecuritySettings
from sensorium_core.settings import ServiceSettings
from sensorium_core.telemetry import Metrics
from sensorium_core.triton._catalog import ModelCatalog
from sensorium_core.triton._client import TritonClient
from sensorium_core.triton._recording import Recorder
from sensorium_core.triton._spec import ModelSpec

_log = structlog.get_logger("recording")


def connect(settings: SecuritySettings, metrics: Metrics) -> TritonClient:
    """A client of the Triton that the settings name, with TLS where they say so; it connects when it is entered.

    Raises:
        ConfigurationError: a certificate cannot be used.
    """
    return TritonClient(settings.triton_address, peer_tls(settings, "triton", metrics))


def catalog_of(
    client: TritonClient, specs: Iterable[ModelSpec], settings: ServiceSettings, metrics: Metrics
) -> ModelCatalog:
    """The models that a service expects of that server."""
    recorder = None
    if settings.record_dir is not None:
        recorder = Recorder(settings.record_dir, settings.record_requests)
        _log.warning("requests are recorded", folder=str(settings.record_dir), most=settings.record_requests)
    return ModelCatalog(client, specs, metrics, settings.breaker_failures, recorder)
