"""`sensorium vision …`: the vision service on picture files."""

from sensorium_client.cli.vision._commands import app

__all__ = ["app"]
