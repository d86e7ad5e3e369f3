"""Sentences of prose, of logs and of notes in shorthand."""

from sensorium_text.sentences._splitting import sentences

__all__ = ["sentences"]
