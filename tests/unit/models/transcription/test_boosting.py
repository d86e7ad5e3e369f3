"""Phrases as a trie over characters: what a text gains while it is spelled out, and what it loses again."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.models.transcription.served import served

boosting = served("boosting")
S = "\u2581"
PIECES = ["<unk>", "<s>", "</s>", "<0x41>", S, *(f"{S}{word}" for word in ("zor", "z", "Zor", "open", "the", "pump"))]
PIECES += ["vex", "v", "ex", "or", "s", "op", ",", f"{S}valve", "valve", f"{S}zorvex"]
VOCABULARY = boosting.Vocabulary(PIECES)
END = 2


def tokens(*pieces: str) -> list[int]:
    return [PIECES.index(piece) for piece in pieces]


def gain(bias: Any, text: Iterable[int]) -> float:
    """What a text has gained in all, when it is spoken to its end."""
    state, total = boosting.START, 0.0
    for token in [*text, END]:
        total += float(bias.apply(state, np.zeros(len(PIECES), np.float32))[token])
        state = bias.follow(state, token)
    return total


def phrases(*texts: str, boost: float = 1.0) -> Any:
    return boosting.Bias([(text, boost) for text in texts], VOCABULARY)


@pytest.mark.parametrize(
    "pieces",
    [(f"{S}zor", "vex"), (f"{S}z", "or", "v", "ex"), (f"{S}zorvex",), (f"{S}Zor", "vex"), (f"{S}zor", "v", "ex")],
)
def test_a_phrase_gains_per_character_however_it_is_cut_into_pieces(pieces: Sequence[str]) -> None:
    assert gain(phrases("Zorvex"), tokens(*pieces)) == pytest.approx(6.0)


@pytest.mark.parametrize(
    "pieces",
    [
        (f"{S}zor",),
        (f"{S}zor", f"{S}the"),
        (f"{S}zor", "s"),
        (f"{S}zorvex", "s"),
        ("v", "ex"),
        (f"{S}the",),
        (),
    ],
    ids=["half", "half, another word", "another ending", "a longer word", "inside a word", "another word", "nothing"],
)
def test_what_is_not_the_whole_word_gains_nothing_in_the_end(pieces: Sequence[str]) -> None:
    assert gain(phrases("zorvex"), tokens(*pieces)) == pytest.approx(0.0)


def test_a_phrase_counts_before_a_comma_and_before_the_next_word() -> None:
    assert gain(phrases("zorvex"), tokens(f"{S}zorvex", ",")) == pytest.approx(6.0)
    assert gain(phrases("zorvex"), tokens(f"{S}zorvex", f"{S}the")) == pytest.approx(6.0)


def test_a_phrase_of_several_words_counts_as_a_whole() -> None:
    bias = phrases("open  the valve")
    assert gain(bias, tokens(f"{S}open", f"{S}the", f"{S}valve")) == pytest.approx(len("open the valve"))
    assert gain(bias, tokens(f"{S}open", f"{S}the", f"{S}pump")) == pytest.approx(0.0)


def test_a_phrase_is_found_behind_a_beginning_that_led_nowhere() -> None:
    bias = phrases("pump the valve", "the pump")
    assert gain(bias, tokens(f"{S}pump", f"{S}the", f"{S}pump")) == pytest.approx(len("the pump"))


def test_phrases_gain_each_time_but_not_directly_behind_themselves() -> None:
    bias = phrases("zorvex")
    one = tokens(f"{S}zorvex")
    assert gain(bias, one * 3) == pytest.approx(6.0)
    assert gain(bias, tokens(f"{S}zorvex", ",", f"{S}zor", "vex")) == pytest.approx(6.0)
    assert gain(bias, [*one, *tokens(f"{S}the"), *one]) == pytest.approx(12.0)


def test_two_phrases_may_follow_each_other() -> None:
    assert gain(phrases("zorvex", "valve"), tokens(f"{S}zorvex", f"{S}valve")) == pytest.approx(11.0)


def test_the_boost_is_that_of_the_phrase() -> None:
    bias = boosting.Bias([("zorvex", 0.5), ("valve", 2.0)], VOCABULARY)
    assert gain(bias, tokens(f"{S}zorvex")) == pytest.approx(3.0)
    assert gain(bias, tokens(f"{S}valve")) == pytest.approx(10.0)


def test_the_beginning_of_a_phrase_is_favoured_at_once_and_other_tokens_are_not() -> None:
    scores = phrases("zorvex").apply(boosting.START, np.full(len(PIECES), -5.0, np.float32))
    assert scores[PIECES.index(f"{S}zor")] == pytest.approx(-2.0)
    assert scores[PIECES.index(f"{S}the")] == pytest.approx(-5.0)


def test_control_tokens_and_bytes_spell_nothing() -> None:
    assert gain(phrases("<s>", "<0x41>"), tokens("<s>", "<0x41>")) == pytest.approx(0.0)


@given(st.lists(st.integers(PIECES.index(S), len(PIECES) - 1), max_size=12))
def test_a_text_ends_with_the_gains_of_whole_phrases_only(text: list[int]) -> None:
    total = gain(phrases("zorvex", "valve", "open the valve", "pump"), text)
    assert total == pytest.approx(round(total))
    assert total >= -1e-4
    words = "".join(PIECES[token] for token in text).lower().replace(",", S).split(S)
    if not {"zorvex", "valve", "pump"} & set(words):
        assert total == pytest.approx(0.0, abs=1e-4)
