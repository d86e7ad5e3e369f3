"""Beam search, step by step, over scripted probabilities of seven tokens: 2 is the end."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from unit.models.transcription.served import served

search = served("search")
END, A, B, C, D = 2, 3, 4, 5, 6


def logs(*rows: dict[int, float]) -> Any:
    """Log-probabilities by token for each beam; what is not named is next to impossible."""
    result = np.full((len(rows), 7), -30.0, np.float32)
    for values, row in zip(result, rows, strict=True):
        for token, probability in row.items():
            values[token] = np.log(probability)
    return result


def run(width: int, steps: Sequence[Any], *, limit: int = 20, prefix: Sequence[int] = ()) -> Any:
    found = search.BeamSearch(width, limit, prefix, end=END)
    for step in steps:
        assert not found.done
        found.advance(step)
    return found


def test_greedy_takes_the_likeliest_token_until_the_end() -> None:
    steps = [logs({A: 0.6, B: 0.4}), logs({C: 0.9, END: 0.1}), logs({END: 0.8, A: 0.2})]
    found = run(1, steps)
    assert found.done
    (text,) = found.hypotheses()
    assert text.tokens == (A, C)
    assert text.log_probabilities == pytest.approx(np.log([0.6, 0.9]))
    assert text.score == pytest.approx(np.log([0.6, 0.9, 0.8]).mean())
    assert text.finished


def test_beams_find_a_text_that_begins_worse_and_ends_better() -> None:
    first = logs({A: 0.6, B: 0.4}, {}, {})[:2]
    second = logs({C: 0.3, D: 0.2}, {C: 0.95})
    third = logs({END: 1.0}, {END: 1.0})
    texts = run(2, [first, second, third]).hypotheses()
    assert [text.tokens for text in texts] == [(B, C), (A, C)]
    assert texts[0].score > texts[1].score


def test_every_step_says_which_beam_each_token_continues() -> None:
    found = search.BeamSearch(2, 20, end=END)
    found.advance(logs({A: 0.6, B: 0.4}, {}))
    assert (found.tokens, found.parents) == ([A, B], [0, 0])
    found.advance(logs({C: 0.1, D: 0.1}, {C: 0.5, D: 0.4}))
    assert (found.tokens, found.parents) == ([C, D], [1, 1])


def test_with_fewer_candidates_than_beams_the_rest_only_fills_up() -> None:
    found = search.BeamSearch(3, 20, end=END)
    found.advance(logs({A: 1.0}, {}, {}))
    assert (found.tokens, found.parents) == ([A, A, A], [0, 0, 0])
    found.advance(logs({END: 1.0}, {B: 1.0}, {B: 1.0}))
    assert [text.tokens for text in found.hypotheses()] == [(A,)]


def test_a_text_that_outgrows_the_recording_is_cut_and_says_so() -> None:
    (text,) = run(1, [logs({token: 1.0}) for token in (A, B, C)], limit=3).hypotheses()
    assert text.tokens == (A, B, C)
    assert not text.finished


def test_a_known_beginning_is_not_repeated_and_leaves_less_room() -> None:
    found = run(1, [logs({token: 1.0}) for token in (A, B, C, D)], limit=9, prefix=[A] * 5)
    assert found.done
    assert found.hypotheses()[0].tokens == (A, B, C, D)


def test_behind_a_beginning_that_fills_the_recording_some_tokens_still_fit() -> None:
    found = run(1, [logs({token: 1.0}) for token in (A, B)], limit=4, prefix=[A] * 9)
    assert not found.done
    found.advance(logs({END: 1.0}))
    assert found.hypotheses()[0].tokens == (A, B)


def test_a_text_that_goes_round_in_circles_ends_with_its_first_round() -> None:
    found = run(1, [logs({token: 1.0}) for token in (D, *(A, B) * 4)])
    assert found.done
    (text,) = found.hypotheses()
    assert text.tokens == (D, A, B)
    assert not text.finished


def test_what_ended_by_itself_comes_before_what_was_cut() -> None:
    steps = [logs({A: 0.8, END: 0.2}, {}), logs({A: 0.9}, {}), logs({B: 0.9}, {})]
    texts = run(2, steps, limit=3).hypotheses()
    assert [(text.tokens, text.finished) for text in texts] == [((), True), ((A, A, B), False)]
    assert texts[0].score < texts[1].score


@pytest.mark.parametrize(
    ("tokens", "repeated"),
    [
        ([A] * 8, 7),
        ([A] * 7, 0),
        ([B, *[A] * 8], 7),
        ([A, B, C] * 4, 9),
        ([A, B, C] * 3, 0),
        (list(range(16)) * 4, 48),
        (list(range(17)) * 4, 0),
        ([], 0),
    ],
)
def test_loops_are_told_from_repetitions_that_people_speak(tokens: list[int], repeated: int) -> None:
    assert search.loop(tokens) == repeated


def test_only_what_is_near_the_best_is_considered() -> None:
    assert search.best(np.array([-1.0, -14.0, -2.0, -30.0], np.float32), 3) == [0, 2]
