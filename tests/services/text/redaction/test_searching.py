from collections.abc import Set

from sensorium_text.domain import PersonalDataType, Span
from sensorium_text.redaction._finding import Finding, Source
from sensorium_text.redaction._patterns import find_patterns
from sensorium_text.redaction._redactor import DEFAULT_TYPES
from sensorium_text.redaction._searching import findings

T = PersonalDataType


def by_model(text: str, kind: PersonalDataType, written: str, confidence: float = 0.9) -> Finding:
    begin = text.index(written)
    return Finding(kind, Span(begin, begin + len(written)), confidence, Source.MODEL)


def found(
    text: str, *model: Finding, types: Set[PersonalDataType] = DEFAULT_TYPES, min_confidence: float = 0.5
) -> list[tuple[str, str]]:
    kept = findings(text, find_patterns(text, types), model, types, min_confidence)
    return [(each.type.name, each.span.of(text)) for each in kept]


def test_a_pattern_wins_over_the_model() -> None:
    text = "mail jane.doe@example.com now"
    assert found(text, by_model(text, T.PERSON_NAME, "jane.doe")) == [("EMAIL_ADDRESS", "jane.doe@example.com")]


def test_check_digits_win_over_everything() -> None:
    text = "card 4111 1111 1111 1111"
    assert found(text, by_model(text, T.PHONE_NUMBER, "4111 1111 1111")) == [("CARD_NUMBER", "4111 1111 1111 1111")]


def test_the_model_masks_only_types_asked_for() -> None:
    text = "Kara of Springfield"
    name, place = by_model(text, T.PERSON_NAME, "Kara"), by_model(text, T.POSTAL_ADDRESS, "Springfield")
    assert found(text, name, place, types={T.POSTAL_ADDRESS}) == [("POSTAL_ADDRESS", "Springfield")]
    assert found(text, by_model(text, T.TAX_ID, "Springfield")) == []


def test_what_is_less_sure_than_asked_for_is_left_alone() -> None:
    text = "Kara, 联系人：张伟, k@x.de"
    name = by_model(text, T.PERSON_NAME, "Kara", 0.6)
    assert found(text, name) == [("PERSON_NAME", "Kara"), ("PERSON_NAME", "张伟"), ("EMAIL_ADDRESS", "k@x.de")]
    assert found(text, name, min_confidence=0.7) == [("PERSON_NAME", "张伟"), ("EMAIL_ADDRESS", "k@x.de")]
    assert found(text, name, min_confidence=1.0) == [("EMAIL_ADDRESS", "k@x.de")]


def test_a_doubtful_number_beside_a_person_is_theirs() -> None:
    for text in (
        "Kara (2025550143)",
        "2025550143 / Kara",
        "Kara at 2025550143",
        "Kara: 0711 123456",
        "call Kara, 555-0199",
    ):
        name = by_model(text, T.PERSON_NAME, "Kara")
        assert len(found(text, name)) == 2, text
        assert found(text, name, min_confidence=0.9) == [("PERSON_NAME", "Kara")]


def test_a_doubtful_number_elsewhere_stays() -> None:
    for text in (
        "Kara fitted module 2025550143; 0711 123456 remains",
        "Kara fitted 555-0199",
        "Kara called about valve 555-0199",
        "part of Kara, 555-0199",
        "Kara, 555-1450 rpm",
    ):
        assert found(text, by_model(text, T.PERSON_NAME, "Kara")) == [("PERSON_NAME", "Kara")], text


def test_a_doubtful_number_that_the_model_takes_for_a_phone_is_one() -> None:
    text = "the desk 2025550143 answers"
    assert found(text, by_model(text, T.PHONE_NUMBER, "5550143")) == [("PHONE_NUMBER", "2025550143")]
