import pytest

from sensorium_text.domain import PersonalDataType
from sensorium_text.redaction._patterns import find_patterns
from services.text.redaction.finding import found, of_type

PHONE = PersonalDataType.PHONE_NUMBER
# Of these the shape suffices.
CLEAR = [
    "+1-415-555-2671",
    "(415) 555-2671",
    "415-555-2671",
    "415.555.2671",
    "(415)555-2671x1234",
    "+1 415 555 2671 ext. 12",
    "001-234-567-8901x234",
    "1-800-555-0199",
    "+44 20 7946 0123",
    "+44(0)1632 960 123",
    "+447700900123",
    "020 7946 0123",
    "+49 (0)711 123456",
    "+49(0)1234567890",
    "+49 711 1234567",
    "+33 1 42 34 56 78",
    "+33 (0)1 42 34 56 78",
    "01 42 34 56 78",
    "13812345678",
    "138 1234 5678",
    "138-1234-5678",
    "+86 138 1234 5678",
    "+8613812345678",
    "86-13812345678",
    "010-12345678",
    "(021) 65432100",
    "0755-83765566转801",
    "400-820-8820",
    "+81 3 1234 5678",
    "+55 11 91234-5678",
]
# Of these a word must say it.
CALLED = [
    "4155552671",
    "415 555 2671",
    "07700900123",
    "0711/123456",
    "(0711) 12345-67",
    "0711 123456",
    "555-0199",
    "06 12345678",
    "612 345 678",
    "13 12 345",
]
SENTENCES = [
    "Call {} before noon.",
    "Phone: {}",
    "Tel.: {}",
    "contact Jane at {} for details",
    "his number is {}",
    "Rückfragen: Telefon {}.",
    "电话{}请回电",
    "联系方式：{}，",
    "{} is his cell",
    "（手机：{}）",
]


@pytest.mark.parametrize("number", [*CLEAR, *CALLED])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_number_that_is_called_a_phone_is_one(sentence: str, number: str) -> None:
    assert of_type(PHONE, sentence.format(number)) == [number]


@pytest.mark.parametrize("number", CLEAR)
@pytest.mark.parametrize("sentence", ["Jane ({}) asked.", "Pump 3 stopped, {}", "张伟{}已到", "{}; night shift"])
def test_a_number_of_clear_shape_needs_no_word(sentence: str, number: str) -> None:
    assert of_type(PHONE, sentence.format(number)) == [number]


@pytest.mark.parametrize("number", ["4155552671", "07700900123", "0711 123456"])
def test_a_number_of_doubtful_shape_may_be_one_if_something_else_says_so(number: str) -> None:
    patterns = find_patterns(f"Jane Doe ({number}) asked.", {PHONE})
    assert patterns.findings == []
    assert [span.of(f"Jane Doe ({number}) asked.") for span in patterns.possible_phones] == [number]


def test_a_local_number_somewhat_behind_a_call_may_be_one() -> None:
    text = "call Jane Doe, 555-0199"
    patterns = find_patterns(text, {PHONE})
    assert patterns.findings == []
    assert [span.of(text) for span in patterns.possible_phones] == ["555-0199"]


@pytest.mark.parametrize("number", [number for number in [*CLEAR, *CALLED] if "+" not in number])
@pytest.mark.parametrize(
    "sentence",
    [
        "S/N {}",
        "serial number: {}",
        "P/N {} replaced",
        "order {}",
        "PO# {}",
        "Seriennummer {}",
        "序列号{}",
        "订单号：{}，",
        "asset tag {}",
    ],
)
def test_a_number_that_is_called_something_else_is_no_phone(sentence: str, number: str) -> None:
    text = sentence.format(number)
    assert found(text) == []
    assert find_patterns(text, {PHONE}).possible_phones == []


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05 13:45",
        "05.03.2024 14:10",
        "20240305 123456",
        "20240305123456",
        "3.5 bar, 12.75 mm, 1500 rpm",
        "+12 V and +5 mm",
        "+12.5 13.4 14.2 16.7",
        "P-101-415-555-2671",
        "415-555-2671-A",
        "SN13812345678",
        "13812345678A",
        "6205-2RS C3",
        "EAN 4006381333931",
        "DE89 0704 0044 0532 0130 01",
        "4539 1488 0343 6468",
        "E-204 F30003 0x80070005",
        "Qty 200 400 6000",
        "WO-20240305-0012",
        "1.2.3.4",
        "Call 3 times, run 12 500 hours, 4 of 7",
        "called 2024-03-05 about pump 3",
    ],
)
def test_what_a_plant_writes_is_no_phone(text: str) -> None:
    assert of_type(PHONE, text) == []


def test_a_list_of_phones_is_a_list_of_phones() -> None:
    assert of_type(PHONE, "Tel 0711 123456 / 0711 654321, mobile 0170 1234567") == [
        "0711 123456",
        "0711 654321",
        "0170 1234567",
    ]


def test_the_nearest_word_says_what_a_number_is() -> None:
    text = "Serial 8829103847: call 4155552671 about order 4155552672"
    assert of_type(PHONE, text) == ["4155552671"]


def test_an_opening_bracket_of_a_remark_is_not_part_of_the_number() -> None:
    assert of_type(PHONE, "(+49 711 1234567, mornings)") == ["+49 711 1234567"]
    assert of_type(PHONE, "((415) 555-2671)") == ["(415) 555-2671"]
