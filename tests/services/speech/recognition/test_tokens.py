import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_speech.domain import Token, Transcript
from sensorium_speech.recognition._tokens import transcript

PIECES = ["<unk>", "▁Hel", "lo", ",", "▁wor", "ld", ".", "<0xC3>", "<0xBC>", "▁", "▁a▁b", "<0xFF>"]
HELLO = [1, 2, 3, 4, 5, 6]


def heard(numbers: list[int], *probabilities: float, spans: Sequence[tuple[int, int]] = ()) -> Transcript:
    tokens = [Token(number, math.log(each)) for number, each in zip(numbers, probabilities, strict=True)]
    return transcript(tokens, PIECES, spans)


def test_pieces_become_text_and_words() -> None:
    found = heard(HELLO, 0.9, 0.8, 0.5, 0.7, 1, 0.5)
    assert found.text == "Hello, world."
    assert [word.text for word in found.words] == ["Hello,", "world."]
    assert [word.confidence for word in found.words] == pytest.approx([0.9 * 0.8 * 0.5, 0.7 * 0.5])
    assert found.confidence == pytest.approx((0.9 * 0.8 * 0.5 * 0.7 * 0.5) ** (1 / 6))
    assert [(word.begin, word.end) for word in found.words] == [(None, None)] * 2


def test_a_comma_that_is_said_twice_is_written_once() -> None:
    found = heard([1, 2, 3, 3, 4, 5, 6], 0.9, 0.8, 0.5, 0.1, 0.7, 1, 0.5)
    assert found.text == "Hello, world."
    assert found.words[0].confidence == pytest.approx(0.9 * 0.8 * 0.5)


def test_bytes_become_one_character() -> None:
    found = heard([9, 7, 8, 2], 1, 0.5, 0.5, 0.8)
    assert found.text == "\u00fclo"
    assert found.words[0].confidence == pytest.approx(0.5 * 0.5 * 0.8)


def test_bytes_that_are_no_character_do_not_break_a_text() -> None:
    assert heard([1, 11, 2], 1, 1, 1).text == "Hel\ufffdlo"


def test_a_piece_may_hold_several_words() -> None:
    found = heard([10], 0.5)
    assert [(word.text, word.confidence) for word in found.words] == [("a", 0.5), ("b", 0.5)]


def test_words_have_the_times_of_their_tokens() -> None:
    spans = [(10, 12), (13, 15), (16, 17), (20, 25), (25, 30), (31, 32)]
    found = heard(HELLO, *[0.9] * 6, spans=spans)
    assert [(word.begin, word.end) for word in found.words] == [(10, 17), (20, 32)]
    apart = heard([9, 1, 9, 4], *[0.9] * 4, spans=[(0, 1), (2, 3), (4, 5), (6, 7)])
    assert [(word.begin, word.end) for word in apart.words] == [(2, 3), (6, 7)]


def test_a_piece_may_be_several_bytes_and_a_character_several_pieces() -> None:
    pieces = ["<0xE4><0xBD>", "<0xA0>", "<0xE5><0xA5><0xBD>", "a", "<0x20><0xE4>", "<0xBD><0xA0>"]
    tokens = [Token(number, math.log(0.5)) for number in (0, 1, 2, 3, 4, 5)]
    spans = [(place, place + 1) for place in range(6)]
    found = transcript(tokens, pieces, spans)
    assert found.text == "\u4f60\u597da \u4f60"
    assert [word.text for word in found.words] == ["\u4f60", "\u597d", "a", "\u4f60"]


def test_where_no_spaces_are_written_each_character_is_a_word() -> None:
    pieces = ["\u6cf5", "\u505c", "\uff0c", "P-101", "\u6f0f", "\u3002", "\u2581ok"]
    found = transcript([Token(number, math.log(0.5)) for number in range(7)], pieces)
    assert found.text == "\u6cf5\u505c\uff0cP-101\u6f0f\u3002 ok"
    assert [word.text for word in found.words] == ["\u6cf5", "\u505c\uff0c", "P-101", "\u6f0f\u3002", "ok"]
    assert found.words[1].confidence == pytest.approx(0.25)


@pytest.mark.parametrize("tokens", [[], [9], [9, 9]])
def test_nothing_said(tokens: list[int]) -> None:
    found = heard(tokens, *[0.9] * len(tokens))
    assert (found.text, found.words, found.confidence) == ("", (), 0.0)


@given(st.lists(st.integers(0, len(PIECES) - 1), max_size=20))
def test_words_are_those_of_the_text(tokens: list[int]) -> None:
    found = heard(tokens, *[0.9] * len(tokens))
    assert found.text.split() == [word.text for word in found.words]
    assert all(0 < word.confidence <= 1 for word in found.words)
