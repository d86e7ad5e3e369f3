"""ReadText: finding lines, turning them upright, reading them, and putting them in order."""

from sensorium_vision.text._reader import TextReader

__all__ = ["TextReader"]
