"""Windows over long texts, and BIO and BILUO labels turned into spans."""

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_text.domain import Floats, Span
from sensorium_text.token_labels import LabelledSpan, merge, spans, windows

BIO = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
BILUO = ["O", "B-PER", "I-PER", "L-PER", "U-PER", "U-LOC"]


def sure(labels: list[str], chosen: list[str], probability: float = 0.9) -> Floats:
    """Rows in which one label has the probability and the others share the rest."""
    rows = np.full((len(chosen), len(labels)), (1 - probability) / (len(labels) - 1), np.float32)
    for row, label in zip(rows, chosen, strict=True):
        row[labels.index(label)] = probability
    return rows


def tokens(text: str) -> list[Span]:
    return [Span(*match.span()) for match in re.finditer(r"\S+", text)]


def decoded(
    labels: list[str], text: str, chosen: list[str], token_spans: list[Span] | None = None
) -> list[tuple[str, str]]:
    found = spans(sure(labels, chosen), labels, token_spans or tokens(text), text)
    return [(entity.label, entity.span.of(text)) for entity in found]


def test_a_short_text_is_one_window() -> None:
    assert windows(5, 8, 2) == [slice(0, 5)]


def test_no_token_needs_no_window() -> None:
    assert windows(0, 8, 2) == []


def test_the_last_window_is_full() -> None:
    assert windows(11, 6, 2) == [slice(0, 6), slice(4, 10), slice(5, 11)]


@pytest.mark.parametrize("overlap", [-1, 4])
def test_an_overlap_must_leave_progress(overlap: int) -> None:
    with pytest.raises(ValueError, match="overlap"):
        windows(10, 4, overlap)


@given(st.integers(1, 500), st.integers(1, 40), st.data())
def test_windows_cover_all_tokens_and_merge_gives_each_token_once(count: int, size: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, size - 1))
    found = windows(count, size, overlap)
    assert all(0 < window.stop - window.start <= size for window in found)
    rows = np.arange(count, dtype=np.float32)[:, None]
    assert np.array_equal(merge([rows[window] for window in found], found), rows)


def test_a_token_is_taken_from_the_window_where_it_has_more_context() -> None:
    found = windows(10, 6, 2)
    assert found == [slice(0, 6), slice(4, 10)]
    parts = [np.full((6, 1), index, np.float32) for index in range(2)]
    assert merge(parts, found)[:, 0].tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]


def test_bio_labels_become_spans_with_the_mean_probability() -> None:
    text = "Anna Miller left Berlin"
    rows = sure(BIO, ["B-PER", "I-PER", "O", "B-LOC"])
    rows[1] = [0.2, 0.0, 0.8, 0.0, 0.0]
    rows[0] = [0.0, 1.0, 0.0, 0.0, 0.0]
    found = spans(rows, BIO, tokens(text), text)
    assert [(e.label, e.span) for e in found] == [("PER", Span(0, 11)), ("LOC", Span(17, 23))]
    assert found[0].confidence == pytest.approx(0.9)
    assert isinstance(found[0], LabelledSpan)


def test_a_beginning_separates_neighbours_of_one_type() -> None:
    assert decoded(BIO, "Anna Bob", ["B-PER", "B-PER"]) == [("PER", "Anna"), ("PER", "Bob")]


def test_an_inside_that_nothing_begins_begins_an_entity() -> None:
    assert decoded(BIO, "saw Anna Miller", ["O", "I-PER", "I-PER"]) == [("PER", "Anna Miller")]
    assert decoded(BIO, "Anna Berlin", ["B-PER", "I-LOC"]) == [("PER", "Anna"), ("LOC", "Berlin")]


def test_biluo_labels() -> None:
    chosen = ["B-PER", "I-PER", "L-PER", "U-PER", "U-LOC"]
    expected = [("PER", "Anna van Dyk"), ("PER", "Bob"), ("LOC", "Ulm")]
    assert decoded(BILUO, "Anna van Dyk Bob Ulm", chosen) == expected


def test_after_a_last_token_a_new_entity_begins() -> None:
    assert decoded(BILUO, "Anna Miller Bob", ["B-PER", "L-PER", "L-PER"]) == [("PER", "Anna Miller"), ("PER", "Bob")]


def test_probability_divided_between_prefixes_still_counts_for_the_type() -> None:
    rows = np.array([[0.4, 0.3, 0.3, 0.0, 0.0]], np.float32)
    found = spans(rows, BIO, [Span(0, 4)], "Anna")
    assert [(e.label, round(e.confidence, 3)) for e in found] == [("PER", 0.6)]


def test_pieces_of_a_word_are_labelled_together() -> None:
    text = "Kowalczyk ok"
    pieces = [Span(0, 4), Span(4, 7), Span(7, 9), Span(10, 12)]
    assert decoded(BIO, text, ["B-PER", "B-PER", "O", "O"], pieces) == [("PER", "Kowalczyk")]


def test_chinese_characters_are_words_of_their_own() -> None:
    pieces = [Span(i, i + 1) for i in range(4)]
    assert decoded(BIO, "张伟检修", ["B-PER", "I-PER", "O", "O"], pieces) == [("PER", "张伟")]


def test_several_tokens_of_one_character_stay_together() -> None:
    assert decoded(BIO, "김 씨", ["B-PER", "I-PER", "O"], [Span(0, 1), Span(0, 1), Span(2, 3)]) == [("PER", "김")]


def test_white_space_at_the_ends_of_tokens_is_left_out() -> None:
    assert decoded(BIO, "by Anna ", ["O", "B-PER"], [Span(0, 2), Span(2, 8)]) == [("PER", "Anna")]


def test_a_token_of_white_space_only_is_no_entity() -> None:
    assert decoded(BIO, "  ", ["B-PER"], [Span(0, 2)]) == []


def test_a_text_without_tokens_has_no_spans() -> None:
    assert spans(np.zeros((0, 5), np.float32), BIO, [], "") == []


def test_labels_without_prefix_run_until_the_type_changes() -> None:
    assert decoded(["O", "PER"], "Anna Miller ok", ["PER", "PER", "O"]) == [("PER", "Anna Miller")]


@given(st.text(alphabet="aB1 张-'\n", max_size=40), st.data())
def test_spans_lie_in_the_text_in_order_without_overlap(text: str, data: st.DataObject) -> None:
    pieces = [Span(i, i + 1) for i, character in enumerate(text) if not character.isspace()]
    chosen = [data.draw(st.sampled_from(BIO)) for _ in pieces]
    found = spans(sure(BIO, chosen) if pieces else np.zeros((0, 5), np.float32), BIO, pieces, text)
    assert all(0 <= e.span.begin < e.span.end <= len(text) and 0 <= e.confidence <= 1 for e in found)
    assert all(a.span.end <= b.span.begin for a, b in pairwise(found))
