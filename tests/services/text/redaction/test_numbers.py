from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban, luhn
from stdnum.cn import ric

from sensorium_text.domain import PersonalDataType
from services.text.redaction.finding import found, of_type, wide

CARD, IBAN, ID = PersonalDataType.CARD_NUMBER, PersonalDataType.IBAN, PersonalDataType.CHINESE_RESIDENT_ID


def with_check_digit(start: str, length: int, fill: str = "7") -> str:
    body = start + fill * (length - len(start) - 1)
    return body + str(luhn.calc_check_digit(body))


@pytest.mark.parametrize(
    ("start", "length"),
    [
        ("4", 13), ("4", 16), ("4", 19),  # Visa
        ("51", 16), ("55", 16), ("2221", 16), ("2720", 16),  # Mastercard
        ("34", 15), ("37", 15),  # American Express
        ("300", 14), ("305", 14), ("36", 14), ("38", 14),  # Diners Club
        ("6011", 16), ("644", 16), ("65", 16), ("65", 19),  # Discover
        ("3528", 16), ("3589", 16), ("35", 16), ("2131", 15), ("1800", 15),  # JCB
        ("62", 16), ("622848", 19),  # UnionPay
        ("5018", 12), ("5020", 13), ("6304", 16), ("6759", 19), ("0604", 12), ("6390", 12),  # Maestro
        ("2200", 16), ("9792", 16),  # Mir, Troy
    ],
)  # fmt: skip
def test_cards_of_all_brands_are_found(start: str, length: int) -> None:
    number = with_check_digit(start, length)
    assert of_type(CARD, f"Refund to {number}, please.") == [number]
    assert of_type(CARD, f"退款至{number}。") == [number]


@pytest.mark.parametrize(
    "written",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "3782 822463 10005",
        "3056 930902 5904",
        "4222 2222 2222 2",
        "622848 0402564890018",
        wide("4111 1111 1111 1111"),
    ],
)
def test_cards_are_found_as_they_are_printed(written: str) -> None:
    assert of_type(CARD, f"paid by card {written} 12/27") == [written]


@pytest.mark.parametrize("number", ["4111111111111112", "4111 1111 1111 1112", "378282246310006", "5555555555554443"])
def test_a_wrong_check_digit_is_no_card(number: str) -> None:
    assert found(f"Card {number} was declined.") == []


def test_other_numbers_beside_a_card_do_not_hide_it() -> None:
    assert of_type(CARD, "2 pcs 4111 1111 1111 1111 7 days") == ["4111 1111 1111 1111"]


@pytest.mark.parametrize(
    "text",
    [
        "S/N 4111111111111111",
        "serial number: 4111 1111 1111 1111",
        "Serial No. 4111-1111-1111-1111 on the nameplate",
        "P/N 378282246310005",
        "order 4111111111111111",
        "serials 4111111111111111, 4012888888881881 and 378282246310005",
        "4111111111111111 is the serial number",
        "SN4111111111111111",
        "SN-4111111111111111",
        "4111111111111111-02",
        "4111111111111111A",
        "EAN 4012888888881881",
        "序列号4111111111111111",
        "订单号：4111111111111111",
    ],
)
def test_serial_and_order_numbers_that_pass_the_check_are_no_cards(text: str) -> None:
    assert found(text) == []


def test_one_word_in_ten_thousand_says_what_a_number_is() -> None:
    assert of_type(CARD, "Order 4500012345 was paid with Visa 4111111111111111.") == ["4111111111111111"]
    assert of_type(CARD, "order 17 settled with 4111111111111111") == ["4111111111111111"]
    assert of_type(CARD, "Replaced serial 8811. Customer gave 4111111111111111.") == ["4111111111111111"]


def test_an_unknown_issuer_needs_to_be_called_a_card() -> None:
    number = with_check_digit("9804", 16)
    assert of_type(CARD, f"card {number}") == [number]
    assert of_type(CARD, f"see {number}") == []


IBANS = [
    "GB29NWBK60161331926819", "DE89370400440532013000", "FR1420041010050500013M02606", "NL91ABNA0417164300",
    "NO9386011117947", "MT84MALT011000012345MTLCAST001S", "CH9300762011623852957", "PL61109010140000071219812874",
    "ES9121000418450200051332",
    "IT60X0542811101000000123456", "BR1800360305000010009795493C1", "SE4550000000058398257466",
    "UA213223130000026007233566001", "LC55HEMM000100010012001200023015", "TR330006100519786457841326",
]  # fmt: skip


@pytest.mark.parametrize("number", IBANS)
@pytest.mark.parametrize(
    "spelling", [str, str.lower, iban.format, lambda number: "-".join(iban.format(number).split())]
)
def test_ibans_are_found_however_they_are_written(number: str, spelling: Callable[[str], str]) -> None:
    written = spelling(number)
    assert of_type(IBAN, f"Refund to {written} by Friday") == [written]
    assert of_type(IBAN, f"退款到{written}谢谢") == [written]


@pytest.mark.parametrize(
    "number", ["DE88370400440532013000", "DE8937040044053201300", "DE893704004405320130000", "XX89370400440532013000"]
)
def test_wrong_check_digits_lengths_and_countries_are_no_iban(number: str) -> None:
    assert found(f"Refund to {number} by Friday") == []


def test_an_iban_of_a_country_that_the_registry_lacks_needs_to_be_called_one() -> None:
    number = "IR580540105180021273113007"
    assert of_type(IBAN, f"IBAN: {number}") == [number]
    assert of_type(IBAN, f"see {number}") == []


def resident_id(area: str, birth: str, sequence: str) -> str:
    return area + birth + sequence + ric.calc_check_digit(f"{area}{birth}{sequence}0")


@pytest.mark.parametrize(
    "text",
    [
        "身份证11010519491231002X请核对",
        "ID 11010519491231002x.",
        "110105 19491231 002X",
        wide("11010519491231002X"),
    ],
)
def test_resident_identity_numbers_are_found(text: str) -> None:
    (written,) = of_type(ID, text)
    assert len(written.replace(" ", "")) == 18


@given(
    st.sampled_from(["110101", "310115", "440305", "533001", "622201", "810000"]),
    st.dates().filter(lambda day: day.year >= 1900),
    st.integers(0, 999),
)
def test_every_valid_resident_identity_number_is_found(area: str, birth: object, sequence: int) -> None:
    number = resident_id(area, str(birth).replace("-", ""), f"{sequence:03}")
    kinds = found(f"身份证号{number}，")
    assert kinds == [("CHINESE_RESIDENT_ID", number)] if int(number[6:10]) < 2100 else True


@pytest.mark.parametrize(
    "number",
    ["110105194912310021", "11010519491331002X", "110105194902300020", "000105194912310021", "11010519491231002X9"],
)
def test_wrong_check_digits_dates_and_provinces_are_no_identity_number(number: str) -> None:
    assert of_type(ID, f"身份证{number}") == []
