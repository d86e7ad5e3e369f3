"""What is right and wrong in a phrase set. Pure functions, linear in the set."""

from collections.abc import Collection, Iterable
from decimal import ROUND_FLOOR, Decimal

from sensorium_core.errors import InvalidInputError
from sensorium_speech.phrase_sets._model import ListSlot, NumberSlot, PhraseSet, Slot, UnitSlot
from sensorium_speech.phrase_sets._units import SPOKEN_UNITS
from sensorium_speech.phrase_sets._writing import SlotName, elements, words

MOST_PHRASES = 1000


def check(phrase_set: PhraseSet) -> None:
    """Refuses a set that is wrong, at the first thing that is.

    Raises:
        InvalidInputError: PHRASE_INVALID, SLOT_UNKNOWN or UNIT_UNKNOWN; INVALID_ARGUMENT for a number slot without
            numbers.
    """
    at = phrase_set.field
    if not phrase_set.phrases:
        raise InvalidInputError.field(f"{at}.phrases", "is empty; give at least one phrase", reason="PHRASE_INVALID")
    for number, slot in enumerate(phrase_set.slots):
        _check_slot(slot, f"{at}.slots[{number}]")
    names = {slot.name: None for slot in phrase_set.slots}
    for number, phrase in enumerate(phrase_set.phrases):
        _check_phrase(phrase.value, names, f"{at}.phrases[{number}].value")


def check_count(phrase_sets: Iterable[PhraseSet], field: str) -> None:
    """Refuses more phrases than a request may have.

    Raises:
        InvalidInputError: TOO_MANY_PHRASES.
    """
    count = sum(len(phrase_set.phrases) for phrase_set in phrase_sets)
    if count > MOST_PHRASES:
        text = f"the sets have {count} phrases together; at most {MOST_PHRASES} are taken"
        raise InvalidInputError.field(field, text, reason="TOO_MANY_PHRASES", limit_phrases=str(MOST_PHRASES))


def check_pronunciations(phrase_set: PhraseSet, phonemes: Collection[str]) -> None:
    """Refuses symbols that the phoneme model does not have.

    Args:
        phrase_set: whose pronunciations are checked.
        phonemes: that the model has.

    Raises:
        InvalidInputError: PRONUNCIATION_INVALID.
    """
    for number, one in enumerate(phrase_set.pronunciations):
        field = f"{phrase_set.field}.pronunciations[{number}].phonemes"
        symbols = one.phonemes.split()
        wrong = next((symbol for symbol in symbols if symbol not in phonemes), None)
        if wrong is not None or not symbols:
            text = f"{wrong!r} is no label of the phoneme model" if symbols else "has no phoneme"
            text += "; right are IPA phonemes with spaces between them, such as `p ʌ m p`"
            raise InvalidInputError.field(field, text, reason="PRONUNCIATION_INVALID")


def _check_phrase(phrase: str, names: Collection[str], field: str) -> None:
    for element in elements(phrase, field):
        if isinstance(element, SlotName) and element.name not in names:
            text = f"the set has no slot {element.name!r}; it has: {', '.join(names) or 'none'}"
            raise InvalidInputError.field(field, text, reason="SLOT_UNKNOWN")


def _check_slot(slot: Slot, field: str) -> None:
    match slot.kind:
        case NumberSlot():
            _check_number(slot.kind, f"{field}.number")
        case UnitSlot():
            for number, code in enumerate(slot.kind.units):
                if code not in SPOKEN_UNITS:
                    text = f"{code!r} is not known; known are: {', '.join(SPOKEN_UNITS)}"
                    raise InvalidInputError.field(f"{field}.unit.ucum_units[{number}]", text, reason="UNIT_UNKNOWN")
        case ListSlot():
            for number, entry in enumerate(slot.kind.entries):
                at = f"{field}.list.entries[{number}]"
                if not entry.spoken:
                    words(entry.value, f"{at}.value")
                for place, spoken in enumerate(entry.spoken):
                    words(spoken, f"{at}.spoken[{place}]")


def _check_number(slot: NumberSlot, field: str) -> None:
    step = Decimal(1).scaleb(-slot.fraction_digits)
    low, high = Decimal(repr(slot.minimum)), Decimal(repr(slot.maximum))
    largest = (high / step).to_integral_value(ROUND_FLOOR) * step
    if largest < low:
        text = f"has no number between minimum and maximum with at most {slot.fraction_digits} fraction digits"
        raise InvalidInputError.field(field, text, reason="INVALID_ARGUMENT")
