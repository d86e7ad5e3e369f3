"""Phrases by name and by value: what they are, how they are written, and where they are kept."""

from sensorium_speech.phrase_sets._database import Row
from sensorium_speech.phrase_sets._expecting import expected
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
from sensorium_speech.phrase_sets._pages import after, page_token
from sensorium_speech.phrase_sets._rules import check, check_count, check_pronunciations
from sensorium_speech.phrase_sets._store import Page, PhraseSetStore
from sensorium_speech.phrase_sets._units import SPOKEN_UNITS
from sensorium_speech.phrase_sets._writing import Element, SlotName, elements, words

__all__ = [
    "SPOKEN_UNITS",
    "Element",
    "Entry",
    "ListSlot",
    "NumberSlot",
    "Page",
    "Phrase",
    "PhraseSet",
    "PhraseSetStore",
    "Pronunciation",
    "Row",
    "Slot",
    "SlotKind",
    "SlotName",
    "UnitSlot",
    "after",
    "check",
    "check_count",
    "check_pronunciations",
    "elements",
    "expected",
    "page_token",
    "words",
]
