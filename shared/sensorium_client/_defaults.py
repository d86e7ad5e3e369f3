"""What is known of the services without asking them; light to import, for the SDK, the command line and the stack."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_DEADLINE = 30.0
"""Seconds that a call may take, retries included."""


@dataclass(frozen=True)
class ServiceDefaults:
    """A service's names, and where it listens when nobody says otherwise."""

    name: str
    """As in `sensorium vision` and SENSORIUM_VISION_LISTEN."""
    full_name: str
    """Its name in the contract, by which health knows it."""
    address: str
    metrics_port: int

    @property
    def address_variable(self) -> str:
        """The environment variable that tells the command line where the service is."""
        return f"SENSORIUM_{self.name.upper()}_ADDRESS"


VISION = ServiceDefaults("vision", "sensorium.vision.v1.VisionService", "127.0.0.1:50051", 9101)
SPEECH = ServiceDefaults("speech", "sensorium.speech.v1.SpeechService", "127.0.0.1:50052", 9102)
TEXT = ServiceDefaults("text", "sensorium.text.v1.TextService", "127.0.0.1:50053", 9103)
