"""How written words are spoken, and when they were."""

from sensorium_speech.phonetics._aligner import Aligner
from sensorium_speech.phonetics._listening import PhonemeListener
from sensorium_speech.phonetics._pronouncer import Pronouncer
from sensorium_speech.phonetics._readings import cardinal, digits, readings

__all__ = ["Aligner", "PhonemeListener", "Pronouncer", "cardinal", "digits", "readings"]
