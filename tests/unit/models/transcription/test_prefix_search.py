"""What CTC says was spoken, against all paths there are."""

from collections import defaultdict
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.models.transcription.served import COMMON, served

module = served("prefix_search", COMMON / "ctc")
boosting = served("boosting", COMMON / "ctc")
BLANK, SILENT, SPACE, A, B = 0, 1, 2, 3, 4
SYMBOLS = module.Symbols(BLANK, (), None)


def logs(rows: Any) -> Any:
    values = np.array(rows, np.float64)
    return np.log(values / values.sum(1, keepdims=True)).astype(np.float32)


def texts(values: Any, silent: tuple[int, ...] = ()) -> dict[tuple[int, ...], float]:
    """The probability of each text: the sum over all paths."""
    found: dict[tuple[int, ...], float] = defaultdict(float)
    for path in product(range(values.shape[1]), repeat=len(values)):
        probability = float(np.exp(sum(values[frame, token] for frame, token in enumerate(path))))
        plain = [BLANK if token in silent else token for token in path]
        text = tuple(
            token for place, token in enumerate(plain) if token != BLANK and (not place or plain[place - 1] != token)
        )
        found[text] += probability
    return found


FRAMES = st.lists(st.lists(st.integers(1, 20), min_size=4, max_size=4), min_size=1, max_size=5)


@given(FRAMES)
def test_with_room_for_all_the_search_is_exact(rows: list[list[int]]) -> None:
    values = logs(rows)
    expected = sorted(texts(values).items(), key=lambda item: item[1], reverse=True)
    found = module.prefix_search(values, SYMBOLS, 1000)
    assert len(found) == len(expected)
    np.testing.assert_allclose([np.exp(score) for _, score in found], [one for _, one in expected], rtol=1e-4)
    assert dict.fromkeys(map(tuple, (text for text, _ in found))).keys() == dict(expected).keys()


@given(FRAMES)
def test_what_stands_for_nothing_is_as_good_as_blank(rows: list[list[int]]) -> None:
    values = logs(rows)
    found = module.prefix_search(values, module.Symbols(BLANK, (SILENT,), None), 1000)
    best = max(texts(values, silent=(SILENT,)).values())
    assert np.exp(found[0][1]) == pytest.approx(best, rel=1e-4)
    assert all(SILENT not in text for text, _ in found)


@given(FRAMES, st.integers(1, 3))
def test_a_narrow_search_gives_as_many_texts_as_it_follows(rows: list[list[int]], width: int) -> None:
    found = module.prefix_search(logs(rows), SYMBOLS, width)
    assert 1 <= len(found) <= width
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_the_best_path_drops_blanks_repetitions_and_what_is_no_text() -> None:
    path = [A, A, BLANK, A, SILENT, B, B, BLANK]
    values = logs(np.eye(5)[path] + 0.01)
    assert module.best_path(values, module.Symbols(BLANK, (SILENT,), SPACE)) == [A, A, B]


def test_a_sure_blank_changes_nothing() -> None:
    rows = [[1e-9, 1e-9, 1e-9, 1, 1e-9], [1, 1e-9, 1e-9, 1e-9, 1e-9], [1e-9, 1e-9, 1e-9, 1, 1e-9]]
    assert module.prefix_search(logs(rows), SYMBOLS, 2)[0][0] == [A, A]


def test_a_phrase_that_is_favoured_wins_where_it_is_nearly_heard() -> None:
    vocabulary = boosting.Vocabulary(["", "", "\u2581", "a", "b"])
    symbols = module.Symbols(BLANK, (SILENT,), SPACE)
    rows = [[1, 0.1, 0.1, 6, 3], [9, 0.1, 0.1, 1, 1], [1, 0.1, 0.1, 3, 5]]
    plain = module.prefix_search(logs(rows), symbols, 4)
    assert plain[0][0] == [A, B]
    favoured = module.prefix_search(logs(rows), symbols, 4, boosting.Bias([("bb", 1.0)], vocabulary))
    assert favoured[0][0] == [B, B]
    unfavoured = module.prefix_search(logs(rows), symbols, 4, boosting.Bias([("b", 0.4)], vocabulary))
    assert unfavoured[0][0] == [A, B]  # the word is another: what began like the phrase gained nothing


@given(FRAMES, st.data())
def test_an_alignment_is_the_likeliest_path_of_its_text(rows: list[list[int]], data: st.DataObject) -> None:
    values = logs(rows)
    text = list(data.draw(st.sampled_from(sorted(texts(values)))))
    spans = module.aligned(values, text, BLANK)
    score = _score(values, text, spans)
    paths = [
        float(sum(values[frame, token] for frame, token in enumerate(path)))
        for path in product(range(values.shape[1]), repeat=len(values))
        if _collapsed(path) == text
    ]
    assert score == pytest.approx(max(paths), abs=1e-4)


def _collapsed(path: tuple[int, ...]) -> list[int]:
    return [token for place, token in enumerate(path) if token != BLANK and (not place or path[place - 1] != token)]


def _score(values: Any, text: list[int], spans: list[tuple[int, int]]) -> float:
    path = [BLANK] * len(values)
    for token, (first, last) in zip(text, spans, strict=True):
        path[first : last + 1] = [token] * (last + 1 - first)
    assert _collapsed(tuple(path)) == text
    return float(sum(values[frame, token] for frame, token in enumerate(path)))


def test_more_symbols_than_frames_cannot_be() -> None:
    values = logs([[1, 1, 1, 1]])
    with pytest.raises(ValueError, match="fewer frames"):
        module.aligned(values, [A, A], BLANK)
    assert module.aligned(values, [], BLANK) == []
