import pytest

from sensorium_text.domain import Span
from sensorium_text.redaction._composing import numbers, persons
from sensorium_text.redaction._context import phones
from sensorium_text.redaction._plausible import plausible
from sensorium_text.redaction._postal import addresses
from sensorium_text.token_labels import LabelledSpan


def labelled(text: str, *parts: tuple[str, str]) -> list[LabelledSpan]:
    """Spans of the parts of a text, each as (label, characters), in order."""
    result, place = [], 0
    for label, written in parts:
        place = text.index(written, place)
        result.append(LabelledSpan(label, Span(place, place + len(written)), 0.9))
        place += len(written)
    return result


def named(text: str, *parts: tuple[str, str]) -> list[str]:
    return [each.span.of(text) for each in persons(text, labelled(text, *parts))]


def located(text: str, *parts: tuple[str, str]) -> list[str]:
    return [each.span.of(text) for each in addresses(text, labelled(text, *parts), phones(text))]


def test_given_names_and_surnames_beside_each_other_are_one() -> None:
    assert named("Kara Dunlap, Mary", ("GIVEN_NAME", "Kara"), ("SURNAME", "Dunlap"), ("GIVEN_NAME", "Mary")) == [
        "Kara Dunlap",
        "Mary",
    ]
    assert named("Kara M. Dunlap", ("GIVEN_NAME", "Kara"), ("SURNAME", "Dunlap")) == ["Kara M. Dunlap"]


@pytest.mark.parametrize(
    ("text", "part", "whole"),
    [
        ("with O'Neill.", "Neill", "O'Neill"),
        ("Garcia-Lopez said", "Lopez", "Garcia-Lopez"),
        ("Anna's pump", "Anna", "Anna"),
        ("班长John说", "John", "John"),
        ("pump ok\nNeill", "Neill", "Neill"),
    ],
)
def test_names_are_whole_words(text: str, part: str, whole: str) -> None:
    assert named(text, ("SURNAME", part)) == [whole]


def test_each_line_of_a_list_is_a_name_of_its_own() -> None:
    parts = ("GIVEN_NAME", "Kara"), ("SURNAME", "Dunlap"), ("GIVEN_NAME", "Peter"), ("SURNAME", "Maier")
    assert named("Kara Dunlap\r\nPeter Maier", *parts) == ["Kara Dunlap", "Peter Maier"]
    assert named("Kara Dunlap\nPeter Maier", *parts) == ["Kara Dunlap", "Peter Maier"]


def test_names_in_chinese_are_not_the_models() -> None:
    assert named("张伟到场", ("GIVEN_NAME", "张"), ("SURNAME", "伟")) == []


def test_a_confidence_is_the_mean_of_the_parts() -> None:
    parts = [LabelledSpan("GIVEN_NAME", Span(0, 4), 0.9), LabelledSpan("SURNAME", Span(5, 11), 0.7)]
    (name,) = persons("Kara Dunlap", parts)
    assert name.confidence == pytest.approx(0.8)


def test_the_parts_of_an_address_are_one_with_their_commas() -> None:
    text = "Ship to 12 Main St, Suite 4, Springfield, IL 62704 today"
    parts = [
        ("BUILDING_NUMBER", "12"),
        ("STREET_NAME", "Main St"),
        ("SECONDARY_ADDRESS", "Suite 4"),
        ("CITY", "Springfield"),
        ("STATE", "IL"),
        ("ZIP_CODE", "62704"),
    ]
    assert located(text, *parts) == ["12 Main St, Suite 4, Springfield, IL 62704"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("oil leak at drive box", [("SECONDARY_ADDRESS", "drive box")]),
        ("Hose blown on Shovel 12", [("STREET_NAME", "Shovel"), ("BUILDING_NUMBER", "12")]),
        ("Lost 2 lip shrouds today", [("BUILDING_NUMBER", "2"), ("STREET_NAME", "lip shrouds")]),
        ("close WO-20481, 12 pcs", [("STREET_NAME", "close WO"), ("BUILDING_NUMBER", "20481")]),
        ("P/N 62704 Springfield plant", [("ZIP_CODE", "62704"), ("CITY", "Springfield")]),
        ("the pump came from Springfield", [("CITY", "Springfield")]),
        ("12 Main St. It was 7 days in Tulsa", [("BUILDING_NUMBER", "12"), ("CITY", "Tulsa")]),
    ],
)
def test_parts_that_make_no_address_are_none(text: str, parts: list[tuple[str, str]]) -> None:
    assert located(text, *parts) == []


@pytest.mark.parametrize(
    ("text", "parts", "whole"),
    [
        ("at Hauptstraße 12 now", [("STREET_NAME", "Hauptstraße"), ("BUILDING_NUMBER", "12")], "Hauptstraße 12"),
        (
            "at Ringweg 5, 70173 Stuttgart.",
            [("STREET_NAME", "Ringweg"), ("BUILDING_NUMBER", "5"), ("ZIP_CODE", "70173")],
            "Ringweg 5, 70173 Stuttgart",
        ),
        (
            "to Flat 3, 7 Mill Lane, Leeds LS1 4AP",
            [("BUILDING_NUMBER", "7"), ("STREET_NAME", "Mill Lane"), ("CITY", "Leeds"), ("ZIP_CODE", "LS1 4AP")],
            "Flat 3, 7 Mill Lane, Leeds LS1 4AP",
        ),
        (
            "to 860 Rogers Ville, Davischester, YT G3L 6K1.",
            [("BUILDING_NUMBER", "860"), ("STREET_NAME", "Rogers Ville"), ("CITY", "Davischester")],
            "860 Rogers Ville, Davischester, YT G3L 6K1",
        ),
        (
            "at 4, rue Jacob, 62871 Faure-les-Bains by Friday",
            [
                ("BUILDING_NUMBER", "4"),
                ("STREET_NAME", "rue Jacob"),
                ("ZIP_CODE", "62871"),
                ("CITY", "Faure-les-Bains by"),
            ],
            "4, rue Jacob, 62871 Faure-les-Bains",
        ),
        (
            "to Portsmouth PO1 3AX",
            [("CITY", "Portsmouth"), ("ZIP_CODE", "PO1 3AX")],
            "Portsmouth PO1 3AX",
        ),
        ("to PSC 7106, Box 9927 APO AA 72434 and", [], "PSC 7106, Box 9927 APO AA 72434"),
    ],
)
def test_addresses_of_other_countries_are_whole(text: str, parts: list[tuple[str, str]], whole: str) -> None:
    assert located(text, *parts) == [whole]


def of_the_model(text: str, *parts: tuple[str, str]) -> list[tuple[str, str]]:
    found = plausible(text, numbers(text, labelled(text, *parts)))
    return [(each.type.name, each.span.of(text)) for each in found]


def test_a_phone_has_all_of_its_digits() -> None:
    assert of_the_model("ask on 62-3286-0129, then", ("PHONE", "3286"), ("PHONE", "0129")) == [
        ("PHONE_NUMBER", "62-3286-0129")
    ]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("S/N 48291034", "48291034"),
        ("part 62-3286-0129", "3286-0129"),
        ("pump P-101-3286", "3286"),
        ("on 15.05.2008 at", "15.05.2008"),
        ("SHD 24 15.05.08", "15.05.08"),
        ("Card 5165 0490 4042 6608 was declined", "0490 4042"),
        ("card 3059 995376 3851", "995376 3851"),
        ("更换轴承 986 424 166", "986 424 166"),
        ("ext 12", "12"),
    ],
)
def test_what_the_model_takes_for_a_phone_may_be_none(text: str, part: str) -> None:
    assert of_the_model(text, ("PHONE", part)) == []


@pytest.mark.parametrize(
    ("text", "label", "part", "kind"),
    [
        ("passport 533401829", "PASSPORT", "533401829", "GOVERNMENT_ID"),
        ("licence D1234567", "DRIVERS_LICENSE", "D1234567", "GOVERNMENT_ID"),
        ("tax id 078-05-1120", "TAX_ID", "078-05-1120", "TAX_ID"),
        ("account 12345678", "BANK_ACCOUNT", "12345678", "BANK_ACCOUNT"),
        ("routing 021000021", "ROUTING_NUMBER", "021000021", "BANK_ACCOUNT"),
        ("jane at x@y.de", "EMAIL", "x@y.de", "EMAIL_ADDRESS"),
        ("see example.com/a", "URL", "example.com/a", "URL"),
    ],
)
def test_labels_become_types(text: str, label: str, part: str, kind: str) -> None:
    assert of_the_model(text, (label, part)) == [(kind, part)]


@pytest.mark.parametrize(
    ("text", "label", "part"),
    [
        ("serial 533401829", "PASSPORT", "533401829"),
        ("order 4500012345", "GOVERNMENT_ID", "4500012345"),
        ("RH120C-60177", "DRIVERS_LICENSE", "60177"),
        ("LH gearbox", "URL", "LH"),
        ("no address", "EMAIL", "address"),
        ("bay 12", "TAX_ID", "12"),
    ],
)
def test_numbers_of_the_plant_are_no_identities(text: str, label: str, part: str) -> None:
    assert of_the_model(text, (label, part)) == []
