import math

import numpy as np
import pytest

from sensorium_speech.phonetics._aligner import align
from sensorium_speech.phonetics._listening import HeardPhonemes

A, B, C, BLANK = range(4)
PHONEMES = {"ab": (A, B), "c": (C,), "bb": (B, B), "silent": ()}
HOP = 320


def heard(*labels: int) -> HeardPhonemes:
    """A network that is sure of a phoneme in each frame."""
    values = np.full((len(labels), 4), math.log(0.01), np.float32)
    values[np.arange(len(labels)), labels] = math.log(0.97)
    return HeardPhonemes(values, BLANK)


def spans(words: list[list[str]], *labels: int) -> list[tuple[float, float] | None]:
    """First and last frame of each word, given the ways in which each may be spoken."""
    ways = [[tuple(way.split()) for way in word] for word in words]
    found = align(ways, PHONEMES, heard(*labels), len(labels) * HOP)
    return [None if span is None else (span[0] / HOP, span[1] / HOP) for span in found]


def test_words_are_found_with_some_room_around_them() -> None:
    labels = 10 * [BLANK] + [A, A, B] + 20 * [BLANK] + [C] + 10 * [BLANK]
    assert spans([["ab"], ["c"]], *labels) == [(7, 14.5), (30, 35.5)]


def test_words_that_touch_share_a_border() -> None:
    first, second = spans([["ab"], ["c"]], *(10 * [BLANK] + [A, B, BLANK, C] + 10 * [BLANK]))
    assert first is not None
    assert second is not None
    assert 11 < first[1] == second[0] < 13


def test_words_stay_within_the_sound() -> None:
    first, second = spans([["ab"], ["c"]], A, B, C)
    assert first is not None
    assert second is not None
    assert first[0] == 0
    assert first[1] == second[0] == pytest.approx(1.45, abs=0.01)
    assert second[1] == 3


def test_the_way_that_was_spoken_is_found() -> None:
    labels = [BLANK, A, B, BLANK, C, C, BLANK, BLANK, BLANK, BLANK]
    assert spans([["bb", "ab c"]], *labels) == [(0, 7.5)]


def test_a_word_that_is_not_spoken_has_no_place() -> None:
    found = spans([["ab"], [], ["silent"], ["c"]], BLANK, A, B, BLANK, C, BLANK, BLANK, BLANK)
    assert found[1] is None
    assert found[2] is None
    assert found[3] is not None
    assert found[3] == pytest.approx((2.9, 6.5), abs=0.05)


@pytest.mark.parametrize("words", [[["silent"]], [[]], []])
def test_nothing_to_find(words: list[list[str]]) -> None:
    assert spans(words, A, B) == [None] * len(words)


def test_sound_that_is_too_short_for_the_words() -> None:
    assert spans([["ab"], ["c"], ["ab"]], A, B) == [None, None, None]
    assert spans([["ab"]]) == [None]
