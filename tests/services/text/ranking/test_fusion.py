import numpy as np
import pytest

from sensorium_text.ranking._fusion import fused, ranking, semantic_scores
from sensorium_text.ranking._terms import DocumentTerms


def test_similarity_is_0_to_1_and_opposites_are_0() -> None:
    query = np.array([1, 0], np.float32)
    documents = np.array([[1, 0], [0.6, 0.8], [0, 1], [-1, 0], [1.0000001, 0]], np.float32)
    assert semantic_scores(query, documents).tolist() == pytest.approx([1, 0.6, 0, 0, 1])
    assert semantic_scores(query, documents).max() == 1


def test_scores_are_weighted() -> None:
    lexical, semantic = np.array([1, 0], np.float32), np.array([0.5, 0.25], np.float32)
    assert fused(lexical, semantic, 0.4).tolist() == pytest.approx([0.7, 0.15])
    assert fused(lexical, semantic, 0).tolist() == [0.5, 0.25]
    assert fused(lexical, semantic, 1).tolist() == [1, 0]


def test_without_a_common_word_meaning_decides_alone() -> None:
    assert fused(np.zeros(2, np.float32), np.array([0.5, 0.25], np.float32), 0.4).tolist() == [0.5, 0.25]


def test_equal_documents_keep_their_order() -> None:
    scores = np.array([0.2, 0.7, 0.2, 0.7, 0.2], np.float32)
    results = ranking((), [DocumentTerms(1, {})] * 5, lexical=0 * scores, semantic=scores, lexical_weight=0.4, top_k=0)
    assert [result.index for result in results] == [1, 3, 0, 2, 4]
    assert [result.score for result in results] == pytest.approx([0.7, 0.7, 0.2, 0.2, 0.2])


def test_only_the_best_as_many_as_asked_for() -> None:
    scores = np.array([0.2, 0.7, 0.4], np.float32)
    documents = [DocumentTerms(1, {})] * 3
    results = ranking((), documents, lexical=0 * scores, semantic=scores, lexical_weight=0, top_k=2)
    assert [result.index for result in results] == [1, 2]
