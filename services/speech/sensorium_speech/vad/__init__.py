"""Speech and other sound told apart, and utterances cut out of it."""

from sensorium_speech.vad._detector import SpeechDetector, track_likelihoods
from sensorium_speech.vad._endpointing import FRAME, Began, Endpointer, Event, segment
from sensorium_speech.vad._passages import passages

__all__ = ["FRAME", "Began", "Endpointer", "Event", "SpeechDetector", "passages", "segment", "track_likelihoods"]
