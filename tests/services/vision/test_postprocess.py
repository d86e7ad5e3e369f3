import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.testing import assert_array_equal

from sensorium_vision.domain import Floats, Label
from sensorium_vision.postprocess import normalised, top_labels

NAMES = ["cat", "dog", "bird", "fish"]
PROBABILITIES = np.array([0.125, 0.5, 0.25, 0.125], np.float32)


def test_labels_come_by_falling_score() -> None:
    assert top_labels(PROBABILITIES, NAMES, 2, 0.0) == [Label(1, "dog", 0.5), Label(2, "bird", 0.25)]


def test_equal_scores_keep_the_order_of_the_classes() -> None:
    assert [label.index for label in top_labels(PROBABILITIES, NAMES, 4, 0.0)] == [1, 2, 0, 3]


@pytest.mark.parametrize(("top_k", "min_score", "count"), [(1000, 0, 4), (1, 0, 1), (5, 0.25, 2), (5, 0.51, 0)])
def test_how_many_labels(top_k: int, min_score: float, count: int) -> None:
    assert len(top_labels(PROBABILITIES, NAMES, top_k, min_score)) == count


def test_an_embedding_is_brought_to_length_one() -> None:
    vector = normalised(np.array([3, 0, 4], np.float32))
    assert vector.dtype == np.float32
    assert vector.tolist() == pytest.approx([0.6, 0, 0.8])


def test_a_zero_vector_stays() -> None:
    assert_array_equal(normalised(np.zeros(3, np.float32)), np.zeros(3, np.float32))


@given(arrays.arrays(np.float32, 20, elements=st.floats(-1e4, 1e4, width=32)))
def test_any_other_has_length_one(vector: Floats) -> None:
    length = float(np.linalg.norm(normalised(vector)))
    assert length == pytest.approx(1.0, abs=1e-5) or not vector.any()
