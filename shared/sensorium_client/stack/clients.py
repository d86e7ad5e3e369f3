"""The client of each service, by the service's name."""

from __future__ import annotations

from sensorium_client import SpeechClient, TextClient, VisionClient
from sensorium_client._sync import SyncClient

__all__ = ["CLIENTS"]

_ALL: tuple[type[SyncClient], ...] = (VisionClient, SpeechClient, TextClient)
CLIENTS = {client.service.defaults.name: client for client in _ALL}
