"""`sensorium speech …`: the speech service on sound files, standard input and the microphone."""

from sensorium_client.cli.speech._commands import app

__all__ = ["app"]
