from sensorium_text.domain import PersonalData, PersonalDataType, Redaction, Span
from sensorium_text.redaction._finding import Finding, Source, without_overlaps
from sensorium_text.redaction._replacing import inspected, masked

NAME, PHONE, CARD = PersonalDataType.PERSON_NAME, PersonalDataType.PHONE_NUMBER, PersonalDataType.CARD_NUMBER
TEXT = "张伟😀 called 123."
FINDINGS = [Finding(NAME, Span(0, 3), 0.8, Source.MODEL), Finding(PHONE, Span(11, 14), 0.9, Source.PATTERN)]


def test_a_mask_names_the_type() -> None:
    assert masked(TEXT, FINDINGS, "") == Redaction(
        "[PERSON_NAME] called [PHONE_NUMBER].",
        (PersonalData(NAME, Span(0, 3), 0.8, Span(0, 13)), PersonalData(PHONE, Span(11, 14), 0.9, Span(21, 35))),
    )


def test_a_mask_character_stands_for_each_code_point() -> None:
    found = masked(TEXT, FINDINGS, "█")
    assert found.text == "███ called ███."
    assert [data.replacement for data in found.findings] == [data.span for data in found.findings]


def test_nothing_found_leaves_the_text() -> None:
    assert masked("fine", [], "") == Redaction("fine", ())


def test_an_inspected_text_stays_as_it_is() -> None:
    assert inspected(TEXT, FINDINGS) == Redaction(
        TEXT, (PersonalData(NAME, Span(0, 3), 0.8), PersonalData(PHONE, Span(11, 14), 0.9))
    )


def test_of_overlapping_findings_the_surer_stays_then_the_longer() -> None:
    model = Finding(PHONE, Span(0, 20), 0.99, Source.MODEL)
    pattern = Finding(PHONE, Span(4, 12), 0.9, Source.PATTERN)
    checksum = Finding(CARD, Span(10, 16), 1.0, Source.CHECKSUM)
    assert without_overlaps([model, pattern, checksum]) == [checksum]
    short, long = (Finding(NAME, Span(begin, 9), 0.9, Source.MODEL) for begin in (5, 0))
    assert without_overlaps([short, long]) == [long]


def test_findings_that_touch_both_stay_in_order() -> None:
    first, second = Finding(NAME, Span(0, 3), 0.5, Source.MODEL), Finding(PHONE, Span(3, 6), 0.9, Source.PATTERN)
    assert without_overlaps([second, first]) == [first, second]
