"""The client of each service, by the service's name."""

from __future__ import annotations

from sensorium_client import VisionClient
from sensorium_client._sync import SyncClient

__all__ = ["CLIENTS"]

CLIENTS: dict[str, type[SyncClient]] = {client.service.defaults.name: client for client in (VisionClient,)}
