import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from sensorium_text.redaction._folding import fold
from services.text.redaction.finding import wide


def test_full_width_characters_become_those_of_ascii() -> None:
    assert fold(wide("IBAN:DE89\N{IDEOGRAPHIC SPACE}3704@x.de")) == "IBAN:DE89 3704@x.de"


def test_digits_of_all_scripts_are_digits() -> None:
    assert fold("٠١٢ ४५ \N{MATHEMATICAL BOLD DIGIT SEVEN}") == "012 45 7"


def test_dashes_and_spaces_are_one_of_each() -> None:
    assert fold("1\N{EN DASH}2\N{MINUS SIGN}3\N{NO-BREAK SPACE}4\N{NON-BREAKING HYPHEN}5") == "1-2-3 4-5"


def test_what_only_resembles_a_digit_stays() -> None:
    assert fold("①13812345678 m² Ⅻ") == "①13812345678 m² Ⅻ"


@given(st.text())
def test_every_character_keeps_its_place(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert all(
        a == b or unicodedata.category(b) in {"Nd", "Zs", "Pd"} or len(b) == 1
        for a, b in zip(text, folded, strict=True)
    )
    assert fold(folded) == folded
