import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_speech.domain import Token, Transcript
from sensorium_speech.recognition._tokens import transcript

PIECES = ["<unk>", "▁Hel", "lo", ",", "▁wor", "ld", ".", "<0xC3>", "<0xBC>", "▁", "▁a▁b", "<0xFF>"]
HELLO = [1, 2, 3, 4, 5, 6]


def heard(numbers: list[int], *probabilities: float) -> Transcript:
    tokens = [Token(number, math.log(each)) for number, each in zip(numbers, probabilities, strict=True)]
    return transcript(tokens, PIECES)


def test_pieces_become_text_and_words() -> None:
    found = heard(HELLO, 0.9, 0.8, 0.5, 0.7, 1, 0.5)
    assert found.text == "Hello, world."
    assert [word.text for word in found.words] == ["Hello,", "world."]
    assert [word.confidence for word in found.words] == pytest.approx([0.9 * 0.8 * 0.5, 0.7 * 0.5])
    assert found.confidence == pytest.approx((0.9 * 0.8 * 0.5 * 0.7 * 0.5) ** (1 / 6))
    assert [(word.begin, word.end) for word in found.words] == [(None, None)] * 2


def test_bytes_become_one_character() -> None:
    found = heard([9, 7, 8, 2], 1, 0.5, 0.5, 0.8)
    assert found.text == "\u00fclo"
    assert found.words[0].confidence == pytest.approx(0.5 * 0.5 * 0.8)


def test_bytes_that_are_no_character_do_not_break_a_text() -> None:
    assert heard([1, 11, 2], 1, 1, 1).text == "Hel\ufffdlo"


def test_a_piece_may_hold_several_words() -> None:
    found = heard([10], 0.5)
    assert [(word.text, word.confidence) for word in found.words] == [("a", 0.5), ("b", 0.5)]


@pytest.mark.parametrize("tokens", [[], [9], [9, 9]])
def test_nothing_said(tokens: list[int]) -> None:
    found = heard(tokens, *[0.9] * len(tokens))
    assert (found.text, found.words, found.confidence) == ("", (), 0.0)


@given(st.lists(st.integers(0, len(PIECES) - 1), max_size=20))
def test_words_are_those_of_the_text(tokens: list[int]) -> None:
    found = heard(tokens, *[0.9] * len(tokens))
    assert found.text.split() == [word.text for word in found.words]
    assert all(0 < word.confidence <= 1 for word in found.words)
