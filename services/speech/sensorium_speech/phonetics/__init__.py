"""How written words are spoken, and when they were."""

from sensorium_speech.phonetics._aligner import Aligner, Span, spans
from sensorium_speech.phonetics._lexicon import pronunciations
from sensorium_speech.phonetics._listening import HOP, HeardPhonemes, PhonemeListener
from sensorium_speech.phonetics._pronouncer import Phonemes, Pronouncer
from sensorium_speech.phonetics._readings import cardinal, digits, readings

__all__ = [
    "HOP",
    "Aligner",
    "HeardPhonemes",
    "PhonemeListener",
    "Phonemes",
    "Pronouncer",
    "Span",
    "cardinal",
    "digits",
    "pronunciations",
    "readings",
    "spans",
]
