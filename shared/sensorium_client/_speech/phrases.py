"""Phrases that may be said, in sets that belong together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium_client._message import Fields, build, invalid

_COLLECTION = "phraseSets/"


@dataclass(frozen=True)
class Phrase:
    """A phrase that may be said."""

    value: str
    """The words; `{name}` stands for a slot of the set."""
    boost: float = 0.0
    """How much more likely it is made in recognition, up to 20; 0 for the set's."""
    id: str = ""
    """What it means to the caller; comes back with a command."""

    def to_fields(self) -> Fields:
        """The fields of the protobuf message."""
        return {"value": self.value, "boost": self.boost, "id": self.id}


@dataclass(frozen=True)
class NumberSlot:
    """A number that is spoken."""

    minimum: float = 0.0
    maximum: float | None = None
    """None for 999999."""
    max_fraction_digits: int = 0
    """Digits after the decimal point at most, up to 3."""

    def to_fields(self) -> Fields:
        """The fields of the protobuf message of a slot."""
        number = {
            "minimum": self.minimum,
            "maximum": self.maximum,
            "max_fraction_digits": self.max_fraction_digits,
        }
        return {"number": number}


@dataclass(frozen=True)
class UnitSlot:
    """A unit of measure that is spoken."""

    ucum_units: Sequence[str] = ()
    """UCUM codes of those that may be said; empty for all that the service knows."""

    def to_fields(self) -> Fields:
        """The fields of the protobuf message of a slot."""
        return {"unit": {"ucum_units": list(self.ucum_units)}}


@dataclass(frozen=True)
class ListSlot:
    """One of a list of things."""

    entries: Mapping[str, Sequence[str]] | Sequence[str]
    """The things (`["pump", "valve"]`), or each with the ways it is said (`{"P-101": ["pump one", "main pump"]}`)."""

    def to_fields(self) -> Fields:
        """The fields of the protobuf message of a slot."""
        ways = self.entries if isinstance(self.entries, Mapping) else dict.fromkeys(self.entries, ())
        return {"list": {"entries": [{"value": value, "spoken": list(spoken)} for value, spoken in ways.items()]}}


Slot: TypeAlias = NumberSlot | UnitSlot | ListSlot
"""What may be said in a part of phrases that varies."""


@dataclass(frozen=True)
class PhraseSet:
    """Phrases that belong together. In recognition they are expected; for commands they are all that can be said."""

    phrases: Sequence[Phrase | str]
    name: str = ""
    """Of a kept set: `phraseSets/` and its id."""
    display_name: str = ""
    boost: float = 0.0
    """How much more likely its phrases are made in recognition, up to 20; 0 for the server's default, 5."""
    slots: Mapping[str, Slot] = field(default_factory=dict)
    """By the names that phrases have in braces."""
    pronunciations: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    """Of words whose spelling does not tell: IPA with spaces between the phonemes, one way or several."""
    etag: str = ""
    """Changes whenever the set does."""
    create_time: datetime | None = None
    update_time: datetime | None = None

    def to_fields(self) -> Fields:
        """The fields of the protobuf message; the service itself sets the times."""
        return {
            "name": self.name,
            "display_name": self.display_name,
            "phrases": [_phrase(each).to_fields() for each in _several(self.phrases)],
            "boost": self.boost,
            "slots": [{"name": name, **slot.to_fields()} for name, slot in self.slots.items()],
            "pronunciations": [
                {"word": word, "phonemes": each}
                for word, ways in self.pronunciations.items()
                for each in ([ways] if isinstance(ways, str) else ways)
            ],
            "etag": self.etag,
        }

    def to_proto(self) -> pb.PhraseSet:
        """The protobuf message.

        Raises:
            InvalidInputError: a text has a lone surrogate.
        """
        return build(pb.PhraseSet, self.to_fields(), "phrase_set")

    @classmethod
    def from_proto(cls, message: pb.PhraseSet) -> PhraseSet:
        """The set that a response has."""
        pronunciations: dict[str, list[str]] = {}
        for each in message.pronunciations:
            pronunciations.setdefault(each.word, []).append(each.phonemes)
        return cls(
            phrases=tuple(Phrase(each.value, each.boost, each.id) for each in message.phrases),
            name=message.name,
            display_name=message.display_name,
            boost=message.boost,
            slots={slot.name: _slot(slot) for slot in message.slots if slot.WhichOneof("kind")},
            pronunciations={word: tuple(ways) for word, ways in pronunciations.items()},
            etag=message.etag,
            create_time=message.create_time.ToDatetime(UTC) if message.HasField("create_time") else None,
            update_time=message.update_time.ToDatetime(UTC) if message.HasField("update_time") else None,
        )


@dataclass(frozen=True)
class PhraseSetPage:
    """Some of the kept sets, in the order of their names."""

    phrase_sets: tuple[PhraseSet, ...]
    next_page_token: str
    """For the next page; empty on the last one."""


Vocabulary: TypeAlias = PhraseSet | str | Sequence[PhraseSet | str]
"""Phrase sets: by value, or by the name of a kept one."""


def inline_set(phrases: Sequence[Phrase | str]) -> PhraseSet:
    """A set of a request's own."""
    return PhraseSet(tuple(_several(phrases)))


def set_fields(given: PhraseSet | str) -> Fields:
    """The fields of the message for a set by value or by name.

    Raises:
        InvalidInputError: it is neither.
    """
    if isinstance(given, PhraseSet):
        return {"inline_phrase_set": given.to_fields()}
    return {"phrase_set": resource_name(given)}


def resource_name(name: str) -> str:
    """The full name of a kept set; its id will do.

    Raises:
        InvalidInputError: it is no text.
    """
    if not isinstance(name, str):
        raise invalid("phrase_set", f"is a PhraseSet or the name of a kept one, not {type(name).__name__}")
    return name if "/" in name or not name else _COLLECTION + name


def _several(phrases: Iterable[Phrase | str]) -> Iterable[Phrase | str]:
    if isinstance(phrases, str):
        raise invalid("phrases", "are several texts, not one: write ['…']")
    return phrases


def _phrase(given: Phrase | str) -> Phrase:
    return given if isinstance(given, Phrase) else Phrase(given)


def _slot(message: pb.Slot) -> Slot:
    kind = message.WhichOneof("kind")
    if kind == "number":
        number = message.number
        maximum = number.maximum if number.HasField("maximum") else None
        return NumberSlot(number.minimum, maximum, number.max_fraction_digits)
    if kind == "unit":
        return UnitSlot(tuple(message.unit.ucum_units))
    return ListSlot({entry.value: tuple(entry.spoken) for entry in message.list.entries})
