"""`sensorium text …`: the text service on arguments, files and standard input."""

from sensorium_client.cli.text._commands import app

__all__ = ["app"]
