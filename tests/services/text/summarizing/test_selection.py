import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_text.domain import Floats
from sensorium_text.summarizing._selection import Limits, centrality, select, similarities


def embeddings(*rows: tuple[float, ...]) -> Floats:
    matrix: Floats = np.array(rows, np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix


def chosen(rows: Floats, limits: Limits, lengths: list[int] | None = None) -> list[int]:
    similar = similarities(rows)
    sizes: npt.NDArray[np.int64] = np.array(lengths or [10] * len(rows))
    return select(similar, centrality(similar), sizes, limits)


def test_similarities_of_opposites_are_0() -> None:
    assert similarities(embeddings((1, 0), (0.6, 0.8), (-1, 0))).tolist() == [
        pytest.approx([1, 0.6, 0]),
        pytest.approx([0.6, 1, 0]),
        pytest.approx([0, 0, 1]),
    ]


def test_centrality_adds_up_squared_similarities() -> None:
    result = centrality(np.array([[1, 0.5, 0], [0.5, 1, 0.8], [0, 0.8, 1]], np.float32))
    assert result.tolist() == pytest.approx([1.25 / 1.89, 1, 1.64 / 1.89], rel=1e-5)


def test_the_sentence_that_is_closest_to_the_others_comes_first() -> None:
    rows = embeddings((1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1))
    assert chosen(rows, Limits(sentences=1)) == [1]


def test_what_was_nearly_said_comes_after_everything_else() -> None:
    alike = [(1, 0.02 * n, 0, 0) for n in range(4)]
    rows = embeddings(*alike, (0.2, 1, 0.1, 0), (0.2, 0, 0, 1))
    first, second, third, fourth = chosen(rows, Limits(sentences=4))
    assert {first, fourth} < {0, 1, 2, 3}
    assert {second, third} == {4, 5}


def test_gain_is_worth_less_what_was_said() -> None:
    """0.7 x 0.95 - 0.3 x 0.8 = 0.425 for the second, 0.7 x 0.6 - 0 = 0.42 or, with less worth, less for the third."""
    similar = np.array([[1, 0.8, 0], [0.8, 1, 0], [0, 0, 1]], np.float32)
    lengths: npt.NDArray[np.int64] = np.array([1, 1, 1])
    assert select(similar, np.array([1, 0.95, 0.6], np.float32), lengths, Limits(sentences=2)) == [0, 1]
    assert select(similar, np.array([1, 0.94, 0.6], np.float32), lengths, Limits(sentences=2)) == [0, 2]


def test_equal_sentences_are_said_once() -> None:
    rows = embeddings(*[(1, 0)] * 5)
    assert chosen(rows, Limits(sentences=3)) == [0]
    assert centrality(similarities(rows)).tolist() == [1] * 5


def test_one_sentence() -> None:
    assert chosen(embeddings((0, 1)), Limits(sentences=3)) == [0]


def test_characters_count_with_the_line_breaks_between_sentences() -> None:
    rows = embeddings((1, 0, 0), (0, 1, 0), (0, 0, 1))
    assert len(chosen(rows, Limits(characters=32), [10, 10, 10])) == 3
    assert len(chosen(rows, Limits(characters=31), [10, 10, 10])) == 2
    assert len(chosen(rows, Limits(characters=21), [10, 10, 10])) == 2
    assert len(chosen(rows, Limits(characters=20), [10, 10, 10])) == 1


def test_the_best_sentence_that_fits_is_there() -> None:
    rows = embeddings((1, 0.1, 0), (1, 0, 0), (1, 0.3, 0), (0, 0, 1))
    assert chosen(rows, Limits(characters=20), [50, 21, 20, 5]) == [2]
    assert chosen(rows, Limits(characters=20), [50, 21, 25, 30]) == []


def test_shorter_sentences_fill_what_room_is_left() -> None:
    rows = embeddings((1, 0, 0), (1, 0.1, 0), (0, 1, 0), (0, 0, 1))
    assert chosen(rows, Limits(characters=30), [20, 40, 30, 9]) == [0, 3]


def test_vectors_of_nothing_do_no_harm() -> None:
    rows = np.zeros((3, 4), np.float32)
    assert centrality(similarities(rows)).tolist() == [1, 1, 1]
    assert chosen(rows, Limits(sentences=2)) == [0, 1]


@given(
    st.integers(1, 12).flatmap(
        lambda n: st.tuples(
            st.lists(st.lists(st.integers(-2, 2), min_size=3, max_size=3), min_size=n, max_size=n),
            st.lists(st.integers(1, 60), min_size=n, max_size=n),
        )
    ),
    st.one_of(
        st.integers(1, 20).map(lambda n: Limits(sentences=n)), st.integers(20, 200).map(lambda n: Limits(characters=n))
    ),
)
def test_limits_are_kept_and_nothing_is_said_twice(case: tuple[list[list[int]], list[int]], limits: Limits) -> None:
    vectors, lengths = case
    rows = np.array(vectors, np.float32)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    similar = similarities(rows)
    worth = centrality(similar)
    assert np.isfinite(worth).all()
    assert worth.max() == 1
    assert worth.min() > 0
    places = chosen(rows, limits, lengths)
    assert len(set(places)) == len(places)
    assert limits.sentences is None or len(places) <= limits.sentences
    assert limits.characters is None or sum(lengths[p] + 1 for p in places) - 1 <= limits.characters
    fitting = [p for p in range(len(rows)) if limits.characters is None or lengths[p] <= limits.characters]
    assert not fitting or worth[places[0]] == worth[fitting].max()
