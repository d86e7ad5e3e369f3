"""Between the contract's phrase sets and commands and those of the domain."""

from collections.abc import Iterable

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium_speech import convert
from sensorium_speech.commands import Command, CommandOptions, Filled
from sensorium_speech.phrase_sets import (
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

_LARGEST_NUMBER = 999_999.0


def phrase_set(given: pb.PhraseSet, field: str, name: str = "") -> PhraseSet:
    """A set that has been validated.

    Args:
        given: the message.
        field: path at which it, or its name, lies in the request.
        name: of a kept set.
    """
    return PhraseSet(
        phrases=tuple(Phrase(one.value, one.boost, one.id) for one in given.phrases),
        boost=given.boost,
        slots=tuple(Slot(one.name, _slot_kind(one)) for one in given.slots),
        pronunciations=tuple(Pronunciation(one.word, one.phonemes) for one in given.pronunciations),
        name=name,
        field=field,
    )


def _slot_kind(given: pb.Slot) -> SlotKind:
    match given.WhichOneof("kind"):
        case "number":
            number = given.number
            maximum = number.maximum if number.HasField("maximum") else _LARGEST_NUMBER
            return NumberSlot(number.minimum, maximum, number.max_fraction_digits)
        case "unit":
            return UnitSlot(tuple(given.unit.ucum_units))
        case _:
            return ListSlot(_entries(given.list.entries))


def _entries(given: Iterable[pb.ListSlot.Entry]) -> tuple[Entry, ...]:
    return tuple(Entry(one.value, tuple(one.spoken)) for one in given)


def command_options(given: pb.CommandsConfig, phrase_sets: tuple[PhraseSet, ...], field: str) -> CommandOptions:
    """Options with their defaults filled in.

    Args:
        given: the message.
        phrase_sets: of its vocabulary.
        field: path at which it lies in the request.
    """
    default = CommandOptions(phrase_sets)
    return CommandOptions(
        phrase_sets,
        given.model,
        field,
        given.min_confidence if given.HasField("min_confidence") else default.min_confidence,
        convert.voice_activity(given.voice_activity),
        separate=convert.is_separate(given.multi_channel_mode),
    )


def command(found: Command) -> pb.CommandResult:
    """A command as a message."""
    return pb.CommandResult(
        accepted=found.accepted,
        confidence=found.confidence,
        phrase=found.phrase,
        phrase_id=found.phrase_id,
        phrase_set=found.phrase_set,
        transcript=found.text,
        words=map(convert.word, found.words),
        slots=map(_slot, found.slots),
        start_offset=convert.offset(found.utterance.begin),
        end_offset=convert.offset(found.utterance.end),
        channel_tag=found.tag,
    )


def _slot(found: Filled) -> pb.SlotValue:
    message = pb.SlotValue(
        name=found.name,
        transcript=found.text,
        start_offset=convert.offset(found.begin),
        end_offset=convert.offset(found.end),
    )
    if isinstance(found.value, float):
        message.number = found.value
    elif found.is_unit:
        message.ucum_unit = found.value
    else:
        message.entry = found.value
    return message
