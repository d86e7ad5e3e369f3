"""What is said in an utterance."""

from sensorium_speech.recognition._dictation import Dictation
from sensorium_speech.recognition._recognizer import Recognizer
from sensorium_speech.recognition._scorer import Likelihood, TextScorer
from sensorium_speech.recognition._transcriber import Transcriber

__all__ = ["Dictation", "Likelihood", "Recognizer", "TextScorer", "Transcriber"]
