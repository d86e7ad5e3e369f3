import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_speech.commands._automaton import Automata, Node
from sensorium_speech.commands._numbers import SpokenNumbers, number_of
from sensorium_speech.phonetics import cardinal, digits
from sensorium_speech.phrase_sets import NumberSlot


def numbers(slot: NumberSlot) -> Node:
    return SpokenNumbers(Automata())(slot)


def accepts(node: Node, text: str) -> bool:
    for word in text.split():
        following = dict(node.edges).get(word)
        if following is None:
            return False
        node = following
    return node.final


def anything(node: Node, choices: random.Random) -> list[str]:
    """Some way through an automaton."""
    words: list[str] = []
    while not node.final or (node.edges and choices.random() < 0.6):
        word, node = choices.choice(node.edges)
        words.append(word)
    return words


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("zero", 0),
        ("forty two", 42),
        ("one hundred and five", 105),
        ("one hundred five", 105),
        ("a hundred and twenty", 120),
        ("one zero five", 105),
        ("one oh five", 105),
        ("two point five", 2.5),
        ("point five", 0.5),
        ("oh point two five", 0.25),
        ("one two point zero five", 12.05),
        ("minus forty", -40),
        ("negative three point one", -3.1),
        ("twelve thousand three hundred and four", 12_304),
        ("twelve thousand and four", 12_004),
        ("nine nine nine nine nine nine", 999_999),
    ],
)
def test_what_number_words_say(text: str, number: float) -> None:
    assert number_of(text.split()) == number
    assert accepts(numbers(NumberSlot(-999_999, 999_999, 3)), text)


@pytest.mark.parametrize(
    ("slot", "said", "not_said"),
    [
        (NumberSlot(0, 99), ["seven", "ninety nine", "two five", "zero"], ["one hundred", "minus one"]),
        (NumberSlot(1, 1), ["one"], ["zero", "two", "eleven", "point one", "one point zero"]),
        (NumberSlot(15, 120), ["fifteen", "one two zero", "a hundred"], ["five", "one", "one hundred and thirty"]),
        (NumberSlot(0.25, 1.5, 2), ["point two five", "one", "one point five"], ["point two", "one point five one"]),
        (NumberSlot(-2.5, -0.5, 1), ["minus two point five", "minus point five"], ["minus point four", "two", "zero"]),
        (NumberSlot(-1, 1), ["minus one", "zero", "one"], ["minus zero", "minus two"]),
        (NumberSlot(999, 1001), ["nine hundred ninety nine", "a thousand", "one thousand and one"], ["two thousand"]),
        (NumberSlot(2105, 2120), ["two thousand one hundred and five", "two one two zero"], ["two thousand five"]),
        (NumberSlot(0, 9), ["nine"], ["one point five", "one zero", "hundred", "and", "twenty"]),
        (NumberSlot(0.1, 0.3, 1), ["point one", "zero point three"], ["zero", "point four", "point zero"]),
    ],
)  # fmt: skip
def test_a_range_has_exactly_its_numbers(slot: NumberSlot, said: list[str], not_said: list[str]) -> None:
    node = numbers(slot)
    assert [text for text in said if not accepts(node, text)] == []
    assert [text for text in not_said if accepts(node, text)] == []


ranges = st.tuples(st.integers(-999_999, 999_999), st.integers(-999_999, 999_999)).map(sorted)


@given(ranges, st.integers(0, 3), st.randoms(use_true_random=False))
def test_whatever_is_said_is_in_the_range(bounds: list[int], places: int, choices: random.Random) -> None:
    slot = NumberSlot(bounds[0] / 10**places, bounds[1] / 10**places, places)
    node = numbers(slot)
    if not node.edges:  # no whole number, and none with a fraction, is between them
        assert places == 0 or bounds[0] > bounds[1]
        return
    for _ in range(20):
        assert slot.minimum <= number_of(anything(node, choices)) <= slot.maximum


@given(ranges, st.integers(0, 999_999))
def test_cardinals_and_digits_are_said_if_they_are_in_the_range(bounds: list[int], number: int) -> None:
    node = numbers(NumberSlot(*bounds))
    inside = bounds[0] <= number <= bounds[1]
    assert accepts(node, " ".join(cardinal(number))) == inside
    assert accepts(node, " ".join(digits(str(number)))) == inside
    assert number_of(cardinal(number)) == number_of(digits(str(number))) == number


def test_equal_slots_share_their_automaton() -> None:
    spoken = SpokenNumbers(Automata())
    assert spoken(NumberSlot(0, 300)) is spoken(NumberSlot(0, 300))
