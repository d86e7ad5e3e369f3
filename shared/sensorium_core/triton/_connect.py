"""The client that a service uses, from its settings."""

from sensorium_core.peers import peer_tls
from sensorium_core.security.settings import SecuritySettings
from sensorium_core.telemetry import Metrics
from sensorium_core.triton._client import TritonClient


def connect(settings: SecuritySettings, metrics: Metrics) -> TritonClient:
    """A client of the Triton that the settings name, with TLS where they say so; it connects when it is entered.

    Raises:
        ConfigurationError: a certificate cannot be used.
    """
    return TritonClient(settings.triton_address, peer_tls(settings, "triton", metrics))
