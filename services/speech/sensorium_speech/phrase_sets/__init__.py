"""Phrases by name and by value: what they are, how they are written, and where they are kept."""

from sensorium_speech.phrase_sets._model import (
    Entry,
    ListSlot,
    NumberSlot,
    Phrase,
    PhraseSet,
    Pronunciation,
    Slot,
    SlotKind,
    UnitSlot,
)
from sensorium_speech.phrase_sets._units import SPOKEN_UNITS
from sensorium_speech.phrase_sets._writing import Element, SlotName, elements, words

__all__ = [
    "SPOKEN_UNITS",
    "Element",
    "Entry",
    "ListSlot",
    "NumberSlot",
    "Phrase",
    "PhraseSet",
    "Pronunciation",
    "Slot",
    "SlotKind",
    "SlotName",
    "UnitSlot",
    "elements",
    "words",
]
