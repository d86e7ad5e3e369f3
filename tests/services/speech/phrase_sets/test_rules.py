import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_core.errors import InvalidInputError
from sensorium_speech.domain import Expected
from sensorium_speech.phrase_sets import (
    SPOKEN_UNITS,
    Entry,
    ListSlot,
    NumberSlot,
    Phrase,
    PhraseSet,
    Pronunciation,
    Slot,
    SlotName,
    UnitSlot,
    after,
    check,
    check_count,
    check_pronunciations,
    elements,
    expected,
    page_token,
)


def wrong(phrase_set: PhraseSet) -> tuple[str, str]:
    """The reason for which a set is refused, and the field."""
    with pytest.raises(InvalidInputError) as caught:
        check(phrase_set)
    return caught.value.reason, caught.value.violations[0].field


@pytest.mark.parametrize(
    ("phrase", "found"),
    [
        ("start pump", ("start", "pump")),
        ("  set   speed to {speed} {unit_2} ", ("set", "speed", "to", SlotName("speed"), SlotName("unit_2"))),
        ("P-101", ("P-101",)),
        ("the operator's M3x20", ("the", "operator's", "M3x20")),
        ("zoll\u2019s prüfen 2.5", ("zoll\u2019s", "prüfen", "2.5")),
    ],
)
def test_phrases_are_words_and_slots(phrase: str, found: tuple[Any, ...]) -> None:
    assert elements(phrase, "f") == found


@pytest.mark.parametrize(
    "phrase",
    [
        "",
        "  ",
        "{",
        "{}",
        "{Speed}",
        "a{b}",
        "{a}{b}",
        "50%",
        "a_b",
        "-",
        "a-",
        "a,b",
        "stop!",
        "1234567890123",
        "\0",
        "{1}",
    ],
)
def test_what_is_no_phrase(phrase: str) -> None:
    assert wrong(PhraseSet((Phrase("good"), Phrase(phrase)))) == ("PHRASE_INVALID", "phrase_set.phrases[1].value")


@given(st.text(max_size=200))
def test_any_text_is_a_phrase_or_is_refused(text: str) -> None:
    with contextlib.suppress(InvalidInputError):
        assert elements(text, "f")


def test_a_set_needs_a_phrase() -> None:
    assert wrong(PhraseSet(())) == ("PHRASE_INVALID", "phrase_set.phrases")


def test_a_phrase_names_slots_of_its_set() -> None:
    slots = (Slot("pump", UnitSlot()),)
    check(PhraseSet((Phrase("start {pump}"),), slots=slots))
    assert wrong(PhraseSet((Phrase("start {tank}"),), slots=slots)) == ("SLOT_UNKNOWN", "phrase_set.phrases[0].value")


@pytest.mark.parametrize(
    ("kind", "reason", "field"),
    [
        (UnitSlot(("bar", "parsec")), "UNIT_UNKNOWN", "unit.ucum_units[1]"),
        (ListSlot((Entry("good"), Entry("b & b"))), "PHRASE_INVALID", "list.entries[1].value"),
        (ListSlot((Entry("b & b", ("bee", "b&b")),)), "PHRASE_INVALID", "list.entries[0].spoken[1]"),
        (NumberSlot(0.2, 0.8), "INVALID_ARGUMENT", "number"),
        (NumberSlot(0.11, 0.19, 1), "INVALID_ARGUMENT", "number"),
        (NumberSlot(-0.8, -0.2), "INVALID_ARGUMENT", "number"),
    ],
)
def test_what_is_wrong_in_a_slot(kind: Any, reason: str, field: str) -> None:
    phrase_set = PhraseSet((Phrase("x"),), slots=(Slot("a", UnitSlot()), Slot("b", kind)))
    assert wrong(phrase_set) == (reason, f"phrase_set.slots[1].{field}")


@pytest.mark.parametrize(
    "kind", [NumberSlot(0.1, 0.1, 1), NumberSlot(-0.5, 0.5), NumberSlot(), ListSlot((Entry("b & b", ("bee",)),))]
)
def test_what_is_right_in_a_slot(kind: Any) -> None:
    check(PhraseSet((Phrase("{a}"),), slots=(Slot("a", kind),)))


@pytest.mark.parametrize("phonemes", ["p x m p", " ", "pump"])
def test_pronunciations_are_phonemes_of_the_model(phonemes: str) -> None:
    phrase_set = PhraseSet((Phrase("x"),), pronunciations=(Pronunciation("x", "p ʌ m p"), Pronunciation("x", phonemes)))
    with pytest.raises(InvalidInputError) as caught:
        check_pronunciations(phrase_set, ("p", "ʌ", "m"))
    assert caught.value.reason == "PRONUNCIATION_INVALID"
    assert caught.value.violations[0].field == "phrase_set.pronunciations[1].phonemes"


def test_sets_have_a_thousand_phrases_together() -> None:
    sets = [PhraseSet((Phrase("x"),) * 500)] * 2
    check_count(sets, "f")
    with pytest.raises(InvalidInputError) as caught:
        check_count([*sets, PhraseSet((Phrase("x"),))], "f")
    assert (caught.value.reason, caught.value.violations[0].field) == ("TOO_MANY_PHRASES", "f")


def test_recognition_expects_the_words_around_slots_once() -> None:
    slots = (Slot("n", NumberSlot()),)
    first = PhraseSet((Phrase("set {n} to zero", 2), Phrase("{n}"), Phrase("zorbex")), boost=7, slots=slots)
    second = PhraseSet((Phrase("zorbex"), Phrase("set", 9)))
    assert expected([first, second], "f") == (Expected("set", 9), Expected("to zero", 2), Expected("zorbex", 7))


def test_what_recognition_expects_has_a_bound_in_bytes() -> None:
    phrases = tuple(Phrase(f"{'ü' * 196} {number}") for number in range(1000))
    with pytest.raises(InvalidInputError) as caught:
        expected([PhraseSet(phrases)], "f")
    assert (caught.value.reason, caught.value.violations[0].field) == ("TOO_MANY_PHRASES", "f")


def test_every_unit_is_spoken_in_words() -> None:
    for code, ways in SPOKEN_UNITS.items():
        assert ways
        for spoken in ways:
            assert elements(spoken, code)


@given(st.from_regex(r"[a-z][a-z0-9-]{2,61}[a-z0-9]", fullmatch=True))
def test_a_page_token_says_where_the_page_begins(key: str) -> None:
    assert after(page_token(key), "f") == key


@given(st.text(max_size=60))
def test_what_is_no_page_token_is_refused(text: str) -> None:
    if text == "":
        assert after(text, "f") == ""
        return
    with pytest.raises(InvalidInputError) as caught:
        after(text, "f")
    assert caught.value.reason == "PAGE_TOKEN_INVALID"
