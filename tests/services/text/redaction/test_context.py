import pytest

from sensorium_text.redaction._context import Leaning, cards, phones

N = "4539148803436467"


def said(text: str, number: str = N) -> Leaning:
    begin = text.rindex(number)
    return cards(text).leaning(begin, begin + len(number))


@pytest.mark.parametrize(
    "text",
    [
        f"S/N: {N}",
        f"serial#{N}",
        f"The serial number is {N}.",
        f"Serial No. {N}",
        f"PO {N}",
        f"bearing {N}",
        f"Serial numbers: 4485275742308327; {N}",
        f"serials 4485275742308327, 5425233430109903 and {N}",
        f"old s/n 4485275742308327 replaced by {N}",
        f"part number JD-2004.363 superseded by {N}",
        f"序列号：{N}",
        f"轴承{N}",
        f"{N} is the serial number",
        f"{N} (S/N)",
    ],
)
def test_a_word_beside_a_number_or_its_list_says_that_it_is_something_else(text: str) -> None:
    assert said(text) is Leaning.DIRECTLY_AGAINST


@pytest.mark.parametrize("text", [f"card {N}", f"Visa: {N}", f"卡号{N}", f"{N} is her card", f"S/N 123456, card {N}"])
def test_a_word_beside_a_number_says_what_it_is(text: str) -> None:
    assert said(text) is Leaning.DIRECTLY_FOR


@pytest.mark.parametrize(
    ("text", "leaning"),
    [
        (f"the order of the new customer {N}", Leaning.AGAINST),
        (f"paid by the new customer {N}", Leaning.FOR),
        (f"serial number of pump P-7: {N}", Leaning.AGAINST),
        (f"card of the shift's pump fund {N}", Leaning.FOR),
    ],
)
def test_a_word_further_away_says_less(text: str, leaning: Leaning) -> None:
    assert said(text) is leaning


@pytest.mark.parametrize(
    "text",
    [
        f"order 4500012345 and then {N}",
        f"The order is here. Now {N}",
        f"the order came; {N}",
        f"order 17 settled with {N}",
        f"order {'x' * 64} {N}",
        f"the gearbox that failed {N}",
        f"{N}, the card is there",
        N,
    ],
)
def test_a_word_of_another_number_or_sentence_says_nothing(text: str) -> None:
    assert said(text) is Leaning.NONE


def test_the_nearest_word_decides() -> None:
    assert said(f"card for the order {N}") is Leaning.DIRECTLY_AGAINST
    assert said(f"order by card {N}") is Leaning.DIRECTLY_FOR


def test_people_are_called_at_numbers() -> None:
    text = "call Jane Doe at 5550199"
    assert phones(text).leaning(17, 24) is Leaning.DIRECTLY_FOR
