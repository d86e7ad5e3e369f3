"""The client that a service uses, from its settings."""

from sensorium_core.security.settings import SecuritySettings
from sensorium_core.security.tls import follow
from sensorium_core.telemetry import Metrics
from sensorium_core.triton._client import TritonClient
from sensorium_core.triton._links import ClientTls


def connect(settings: SecuritySettings, metrics: Metrics) -> TritonClient:
    """A client of the Triton that the settings name, with TLS where they say so; it connects when it is entered.

    Raises:
        ConfigurationError: a certificate cannot be used.
    """
    files = settings.triton_tls
    if files is None:
        return TritonClient(settings.triton_address)
    source = follow("triton", files, metrics)
    return TritonClient(
        settings.triton_address, ClientTls(source, settings.reload_interval, settings.triton_server_name)
    )
