"""Whether a text belongs to any class at all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_text.classification._outliers import familiar_by_description, familiar_by_examples
from sensorium_text.domain import Floats

TWO = np.array([0, 0, 1, 1])


def unit(*vectors: tuple[float, ...]) -> Floats:
    found = np.array(vectors, np.float32)
    result: Floats = found / np.linalg.norm(found, axis=1, keepdims=True)
    return result


# Two classes whose examples have cosines of 0.6 within and none to the other.
EXAMPLES = unit((2, 1, 0, 0, 0), (2, -1, 0, 0, 0), (0, 0, 2, 1, 0), (0, 0, 2, -1, 0))


def test_a_text_like_a_class_fits_and_one_like_none_does_not() -> None:
    fits = familiar_by_examples(EXAMPLES, TWO, 2).probabilities(unit((1, 0, 0, 0, 0), (0, 0, 1, 0, 0), (0, 0, 0, 0, 1)))
    assert fits.dtype == np.float32
    assert (fits > 0.99).tolist() == [True, True, False]
    assert fits[2] < 0.01


def test_the_floor_rises_with_the_likeness_of_the_examples_left_out() -> None:
    # Left out, each has 0.6 to the other: with two more of 0.4 the usual cosine is (4 * 0.6 + 2 * 0.4) / 6.
    familiar = familiar_by_examples(EXAMPLES, TWO, 2)
    gap = 3.2 / 6 - 0.1
    assert familiar.floor == pytest.approx(0.1 + 0.35 * gap)
    assert familiar.scale == pytest.approx(0.08 * gap)
    assert familiar_by_examples(np.repeat(EXAMPLES, 3, 0), np.repeat(TWO, 3), 2).floor > familiar.floor


def test_single_examples_are_as_alike_as_examples_usually_are() -> None:
    familiar = familiar_by_examples(unit((1, 0), (0, 1)), np.array([0, 1]), 2)
    assert familiar.floor == pytest.approx(0.1 + 0.35 * 0.3)


def test_examples_with_nothing_in_common_still_leave_a_floor_above_unrelated_texts() -> None:
    familiar = familiar_by_examples(np.eye(40, dtype=np.float32), np.repeat([0, 1], 20), 2)
    assert familiar.floor == pytest.approx(0.1 + 0.35 * 0.1)


def test_texts_need_less_likeness_to_descriptions() -> None:
    familiar = familiar_by_description(unit((1, 0), (0, 1)))
    assert familiar.probabilities(unit((-1, -1), (1, 0))) == pytest.approx([0, 1], abs=0.01)
    assert familiar.floor < familiar_by_examples(unit((1, 0), (0, 1)), np.array([0, 1]), 2).floor


def test_only_a_direction_of_each_class_is_kept() -> None:
    assert familiar_by_examples(np.repeat(EXAMPLES, 30, 0), np.repeat(TWO, 30), 2).centres.shape == (2, 5)


@given(st.integers(2, 5), st.integers(1, 5), st.integers(0, 1000))
def test_probabilities_are_probabilities(count: int, each: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    examples = unit(*random.normal(size=(count * each, 4)))
    if seed % 2:
        examples[1::2] = -examples[: len(examples) // 2 * 2 : 2]  # opposite examples, whose mean has no direction
    found = familiar_by_examples(examples, np.repeat(np.arange(count), each), count).probabilities(examples)
    assert np.isfinite(found).all()
    assert ((found >= 0) & (found <= 1)).all()
