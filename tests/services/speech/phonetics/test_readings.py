import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_speech.phonetics import cardinal, readings


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (20, "twenty"),
        (42, "forty two"),
        (100, "one hundred"),
        (105, "one hundred five"),
        (1_984, "one thousand nine hundred eighty four"),
        (30_003, "thirty thousand three"),
        (2_000_010, "two million ten"),
        (999_999_999_999, "nine hundred ninety nine billion nine hundred ninety nine million nine hundred ninety nine "
         "thousand nine hundred ninety nine"),
    ],
)  # fmt: skip
def test_cardinals(number: int, words: str) -> None:
    assert " ".join(cardinal(number)) == words


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("times,", ["times"]),
        ("It", ["it"]),
        ("don't", ["don't"]),
        ("well-known", ["well known"]),
        ("7", ["seven"]),
        ("12", ["twelve", "one two"]),
        ("4.5", ["four point five"]),
        ("1,200", ["one thousand two hundred", "twelve hundred", "one two zero zero", "one two oh oh"]),
        ("105", ["one hundred five", "one hundred and five", "one zero five", "one oh five"]),
        (
            "1984",
            [
                "one thousand nine hundred eighty four",
                "nineteen eighty four",
                "one thousand nine hundred and eighty four",
                "one nine eight four",
            ],
        ),
        ("1905", ["one thousand nine hundred five", "nineteen oh five", "one thousand nine hundred and five",
                  "one nine zero five", "one nine oh five"]),
        ("3rd", ["third"]),
        ("21st", ["twenty first"]),
        ("30th", ["thirtieth"]),
        ("90%", ["ninety percent", "nine zero percent", "nine oh percent"]),
        ("PLC", ["pee ell see", "plc"]),
        ("P-101", ["pee one hundred one", "pee one hundred and one", "pee one zero one", "pee one oh one"]),
        ("Mr.", ["mister", "mr"]),
        ("a", ["a"]),
        ("B", ["bee"]),
        ("007", ["seven", "zero zero seven", "oh oh seven"]),
        ("...", []),
        ("\u2014", []),
        ("", []),
    ],
)  # fmt: skip
def test_readings(written: str, spoken: list[str]) -> None:
    assert [" ".join(way) for way in readings(written)] == spoken


def test_a_long_number_is_read_digit_by_digit() -> None:
    assert [len(way) for way in readings("1234567890123")] == [13]


@given(st.text(max_size=40))
def test_anything_that_is_written_can_be_read(written: str) -> None:
    ways = readings(written)
    assert len(ways) <= 6
    assert all(way and all(word and not word[0].isspace() for word in way) for way in ways)
    assert len(set(ways)) == len(ways)
