"""A head learns classes from labelled texts, knows what belongs to none of them, and is the same each time."""

from pathlib import Path

import numpy as np
import pytest

from sensorium_core.ngrams import NgramSettings, ngram_ids
from sensorium_models.export import export_text_encoder
from sensorium_models.head import Head, head_network, train_head
from sensorium_models.texts import in_batches
from unit.models.graphs import Array, answer

SETTINGS = NgramSettings(buckets=1 << 12, words=(1, 2), characters=(3, 4), limit=256)
SUBJECTS = (["pump seal", "hydraulic pump", "pump shaft"], ["cab lamp", "lamp fuse", "lamp bulb"])
WORK = ("replace {}", "{} broken", "check {}", "{} defect again", "new {} fitted", "{} repaired on site", "inspect {}")
NEITHER = ["grease the tracks", "wash windows", "weld ladder", "paint frame", "tyre flat", "order filters"]

TEXTS = [work.format(thing) for subject in SUBJECTS for thing in subject for work in WORK] + NEITHER
TARGETS = [index for index, subject in enumerate(SUBJECTS) for _ in range(len(subject) * len(WORK))] + [-1] * 6


def by_length(text: str, folds: int) -> int:
    return len(text) % folds


@pytest.fixture(scope="module")
def head() -> Head:
    return train_head(TEXTS, TARGETS, SETTINGS, by_length)


@pytest.fixture(scope="module")
def probabilities(head: Head, tmp_path_factory: pytest.TempPathFactory) -> Array:
    texts = ["pump seal leaks", "cab lamp dark", "hose burst", "?!"]
    (ids,) = in_batches([ngram_ids(text, SETTINGS) for text in texts])
    graph = export_text_encoder(head_network(head), ["probabilities"])
    return answer(graph, {"input_ids": ids}, tmp_path_factory.mktemp("head"))["probabilities"]


def test_new_texts_go_to_the_class_of_their_words(probabilities: Array) -> None:
    assert probabilities[:2].argmax(1).tolist() == [0, 1]
    assert probabilities[:2].max(1).min() > 0.5


def test_what_belongs_to_no_class_is_under_the_threshold(head: Head, probabilities: Array) -> None:
    assert probabilities[2].max() < head.unknown_threshold < probabilities[:2].max(1).min()
    assert probabilities.sum(1).max() < 1


def test_a_text_without_words_is_no_accident(probabilities: Array) -> None:
    assert np.isfinite(probabilities[3]).all()


def test_the_same_texts_give_the_same_head(head: Head) -> None:
    again = train_head(TEXTS, TARGETS, SETTINGS, by_length)
    assert np.array_equal(again.weights, head.weights)
    assert (again.temperature, again.none, again.unknown_threshold) == (
        head.temperature,
        head.none,
        head.unknown_threshold,
    )


def test_padding_changes_nothing(head: Head, tmp_path: Path) -> None:
    graph = export_text_encoder(head_network(head), ["probabilities"])
    ids = np.array([ngram_ids("pump leaks", SETTINGS)], np.int32)
    longer = np.pad(ids, ((0, 0), (0, 9)), constant_values=-1)
    first, second = (answer(graph, {"input_ids": each}, tmp_path)["probabilities"] for each in (ids, longer))
    np.testing.assert_allclose(first, second, rtol=1e-5)
