"""What phrases are, without protobuf."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field


@dataclass(frozen=True)
class Phrase:
    """A phrase that may be said.

    Attributes:
        value: its words; `{name}` stands for a slot.
        boost: how much more likely recognition makes it, 0 to 20; 0 stands for the set's.
        id: what it means to the caller.
    """

    value: str
    boost: float = 0.0
    id: str = ""


@dataclass(frozen=True)
class NumberSlot:
    """A number between two others, both included, with so many digits after the decimal point at most."""

    minimum: float = 0.0
    maximum: float = 999_999.0
    fraction_digits: int = 0


@dataclass(frozen=True)
class UnitSlot:
    """One of some units, by their UCUM codes; none stand for all that the service knows."""

    units: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A thing of a list, and how it is said: as `value` is written where `spoken` is empty."""

    value: str
    spoken: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListSlot:
    """One of a list of things."""

    entries: tuple[Entry, ...]


SlotKind = NumberSlot | UnitSlot | ListSlot


@dataclass(frozen=True)
class Slot:
    """A part of phrases that varies."""

    name: str
    kind: SlotKind


@dataclass(frozen=True)
class Pronunciation:
    """How a word is said: phonemes in IPA with spaces between them."""

    word: str
    phonemes: str


@dataclass(frozen=True)
class PhraseSet:
    """Phrases that belong together.

    Attributes:
        phrases: at least one.
        boost: of phrases without their own, 0 to 20; 0 stands for the default.
        slots: that phrases refer to.
        pronunciations: of words in phrases and slots; a word may have several.
        name: of a kept set, `phraseSets/` and its id; empty for one of a request's own.
        field: path of the set in the request, for errors.
    """

    phrases: tuple[Phrase, ...]
    boost: float = 0.0
    slots: tuple[Slot, ...] = ()
    pronunciations: tuple[Pronunciation, ...] = ()
    name: str = ""
    field: str = dataclass_field(default="phrase_set", compare=False)
