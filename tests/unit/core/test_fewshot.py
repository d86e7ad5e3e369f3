"""Classes learned from a few examples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_core.fewshot import Floats, _folds, _solved, describe, fit, nearest


def cloud(seed: int, count: int, examples: int, *, spread: float = 0.3, dimensions: int = 32) -> tuple[Floats, Floats]:
    """Vectors of length 1 around `count` directions: `examples` of each to learn from, and 20 of each to be told."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(count, 1, dimensions))
    points = centres + spread * np.sqrt(dimensions) * random.normal(size=(count, examples + 20, dimensions)) / 2
    points /= np.linalg.norm(points, axis=2, keepdims=True)
    known, asked = points[:, :examples], points[:, examples:]
    return known.reshape(-1, dimensions).astype(np.float32), asked.reshape(-1, dimensions).astype(np.float32)


def classes_of(count: int, each: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    return np.repeat(np.arange(count), each)


def test_examples_teach_classes() -> None:
    known, asked = cloud(1, 5, 16)
    probabilities = fit(known, classes_of(5, 16), 5).probabilities(asked)
    assert (probabilities.argmax(1) == classes_of(5, 20)).mean() > 0.95


def test_probabilities_are_calibrated_to_how_far_the_classes_lie_apart() -> None:
    def confidence_and_accuracy(spread: float) -> tuple[float, float]:
        known, asked = cloud(2, 5, 16, spread=spread)
        probabilities = fit(known, classes_of(5, 16), 5).probabilities(asked)
        return float(probabilities.max(1).mean()), float((probabilities.argmax(1) == classes_of(5, 20)).mean())

    for spread in (0.3, 1.0, 2.0):
        confidence, accuracy = confidence_and_accuracy(spread)
        assert confidence == pytest.approx(accuracy, abs=0.15)


def test_the_same_examples_give_the_same_classes() -> None:
    known, asked = cloud(3, 4, 6)
    first, second = (fit(known, classes_of(4, 6), 4).probabilities(asked) for _ in range(2))
    assert np.array_equal(first, second)


def test_one_example_a_class_is_its_prototype() -> None:
    known, asked = cloud(4, 3, 1)
    probabilities = fit(known, classes_of(3, 1), 3).probabilities(asked)
    assert np.array_equal(probabilities, nearest(known, 0.2).probabilities(asked))


def test_a_single_example_beside_many_still_counts() -> None:
    known, asked = cloud(5, 3, 8, spread=0.2)
    kept = np.r_[0:8, 8:16, 16]
    probabilities = fit(known[kept], classes_of(3, 8)[kept], 3).probabilities(asked)
    assert (probabilities.argmax(1) == classes_of(3, 20)).mean() > 0.9


def test_a_prototype_wins_by_its_cosine() -> None:
    prototypes = np.array([[1, 0], [0, 1]], np.float32)
    probabilities = nearest(prototypes, 0.5).probabilities(np.array([[0.8, 0.6]], np.float32))
    assert probabilities[0] == pytest.approx([1 / (1 + np.exp(-0.4)), 1 / (1 + np.exp(0.4))], abs=1e-6)


@given(st.integers(2, 6), st.integers(1, 5), st.integers(0, 1000))
def test_probabilities_are_finite_and_add_up_to_one(count: int, each: int, seed: int) -> None:
    known, asked = cloud(seed, count, each)
    probabilities = fit(known, classes_of(count, each), count).probabilities(asked)
    assert probabilities.dtype == np.float32
    assert np.isfinite(probabilities).all()
    assert probabilities.sum(1) == pytest.approx(np.ones(len(asked)), abs=1e-5)


def test_examples_that_are_all_alike_give_no_nonsense() -> None:
    known = np.tile(np.array([[1, 0], [0, 1]], np.float32).repeat(3, 0), (1, 1))
    probabilities = fit(known, classes_of(2, 3), 2).probabilities(np.array([[1, 0]], np.float32))
    assert probabilities[0, 0] > 0.9


def test_texts_of_the_same_words_are_alike_beyond_their_embeddings() -> None:
    embeddings = np.eye(3, 4, dtype=np.float32)
    features = describe(["boom cyl leaking", "Boom cyl LEAKING!", "flat battery"], embeddings)
    alike = features @ features.T
    assert alike.diagonal() == pytest.approx([2, 2, 2])
    assert alike[0, 1] == pytest.approx(1)
    assert alike[0, 2] < 0.3


def test_a_text_without_words_is_its_embedding_only() -> None:
    features = describe(["?!"], np.array([[0.6, 0.8]], np.float32))
    assert features[0, :2] == pytest.approx([0.6, 0.8])
    assert not features[0, 2:].any()


@pytest.mark.parametrize("dimensions", [6, 300])
def test_more_examples_than_dimensions_or_fewer_are_one_and_the_same_to_the_solver(dimensions: int) -> None:
    random = np.random.default_rng(6)
    residuals, means = random.normal(size=(40, dimensions)), random.normal(size=(3, dimensions))
    expected = np.linalg.inv(residuals.T @ residuals + 0.7 * np.eye(dimensions)) @ means.T
    assert _solved(residuals, 0.7, means) == pytest.approx(expected, rel=1e-6, abs=1e-8)


def test_of_a_large_set_only_as_many_examples_as_needed_are_left_out_and_some_of_every_class() -> None:
    classes = classes_of(64, 64)
    folds = _folds(classes, 64)
    assert set(folds) == {-1, 0}
    assert np.bincount(classes[folds == 0]).tolist() == [8] * 64
    assert sorted(set(_folds(classes_of(64, 16), 64))) == [-1, 0, 1, 2, 3]


def test_of_a_small_set_every_example_is_left_out_once_but_the_only_one_of_a_class() -> None:
    assert _folds(np.array([0, 0, 0, 1, 1, 2]), 3).tolist() == [0, 1, 2, 0, 1, -1]
    assert set(_folds(classes_of(7, 16), 7)) == set(range(8))
