"""Speech and other sound told apart, and utterances cut out of it."""

from sensorium_speech.vad._endpointing import FRAME, Began, Endpointer, Event, segment

__all__ = ["FRAME", "Began", "Endpointer", "Event", "segment"]
