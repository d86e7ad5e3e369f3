import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_text.domain import Floats
from sensorium_text.ranking._bm25 import Statistics, lexical_scores
from sensorium_text.ranking._terms import document_terms, keys_of, query_terms
from sensorium_text.words import words


def scores(query: str, *documents: str) -> Floats:
    terms = query_terms(words(query, ""))
    found = [document_terms(words(document, ""), keys_of(terms)) for document in documents]
    return lexical_scores(terms, found, Statistics.of(terms, found))


def test_a_worked_example() -> None:
    """Three documents of 2, 2 and 2 words: `seal` in two of them, `pump` in one, `leak` in none."""
    terms = query_terms(words("pump seal leak", ""))
    found = [document_terms(words(text, ""), keys_of(terms)) for text in ("pump seal", "fan seal", "belt torn")]
    statistics = Statistics.of(terms, found)
    pump, seal = math.log(1 + 2.5 / 1.5), math.log(1 + 1.5 / 2.5)
    assert statistics.rarities == {"pump": pump, "leak": pump, "seal": seal}
    assert statistics.mean_length == 2
    one = 2.2 / (1 + 1.2 * (0.25 + 0.75 * 3 / 2))  # one occurrence in a document of three words
    assert statistics.saturation(1, 3) == one
    share, coverage = (pump + seal) / ((2 * pump + seal) * one), (pump + seal) / (2 * pump + seal)
    expected = [share * coverage**2, seal / ((2 * pump + seal) * one) * (seal / (2 * pump + seal)) ** 2, 0]
    assert lexical_scores(terms, found, statistics) == pytest.approx(np.array(expected), rel=1e-6)


def test_the_query_itself_is_the_best_document() -> None:
    result = scores("seal of pump P-101A leaks", "Pump P-101A: seal leaks", "Pump P-102A: seal leaks", "Fan is loud")
    assert result[0] == pytest.approx(1)
    assert 0 < result[1] < 0.1
    assert result[2] == 0


def test_a_rare_code_counts_more_than_several_words() -> None:
    result = scores("bearing of motor M-12 loud", "M-12 rewound", "bearing of motor M-21 loud", "loud bearing", "fan")
    assert result[0] > result[1] > result[2] > result[3] == 0


def test_words_that_all_documents_share_hardly_count() -> None:
    shared = "Please check and repair soon:"
    result = scores(f"{shared} pump", f"{shared} lamp", f"{shared} door", "pump", f"{shared} gate", f"{shared} belt")
    assert result[0] == result[1] == result[3] == result[4] < result[2]


def test_parts_that_stand_alone_count_nearly_as_much_for_words_and_little_for_codes() -> None:
    joined, apart, half = scores("over-temperature", "over-temperature", "temperature over", "low temperature")
    assert joined > apart > 0.5 * joined
    assert half < 0.5 * apart
    exact, other, _ = scores("P-101A", "pump P-101A", "pump P-101B", "pump P-202")
    assert 0 < other < 0.1 * exact


def test_writing_a_code_otherwise_makes_no_difference() -> None:
    documents = ("pump P101A", "pump P_101_A", "pump P-102A")
    first, second, other = scores("P-101A", *documents)
    assert first == second > 0.5
    assert other == 0
    assert scores("P101A", *documents)[:2].tolist() == [first, second]


def test_longer_documents_need_more_occurrences() -> None:
    short, long = scores(
        "seal", "seal torn", "seal torn in the pump behind the third hall of the plant near gate seven"
    )
    assert short > long > 0


def test_repetition_pays_less_and_less() -> None:
    filler = " fan" * 6
    once, twice, often = scores("seal", f"seal{filler}", f"seal seal{filler}", f"seal seal seal seal{filler}")
    assert once < twice < often <= 1
    assert twice - once > often - twice


def test_a_term_that_the_query_repeats_counts_as_often() -> None:
    assert scores("seal seal pump", "seal", "pump")[0] > scores("seal pump", "seal", "pump")[0]


@pytest.mark.parametrize("query", ["the of and", "", "🔧", "的"])
def test_a_query_without_terms_scores_nothing(query: str) -> None:
    assert scores(query, "the seal of the pump", "泵").tolist() == [0, 0]


def test_documents_without_words() -> None:
    assert scores("seal", "...", " ").tolist() == [0, 0]


def test_a_single_document() -> None:
    assert scores("pump seal", "pump seal")[0] == pytest.approx(1)
    assert scores("pump seal", "pump fan")[0] == pytest.approx(0.5**3)


vocabulary = st.lists(
    st.sampled_from(["pump", "seal", "P-101A", "P-101B", "6205-2RS", "泵", "密封圈", "the", "#12", "over-heat", "12"])
)


@given(vocabulary.map(" ".join), st.lists(vocabulary.map(" ".join), min_size=1, max_size=6))
def test_scores_are_between_0_and_1(query: str, documents: list[str]) -> None:
    result = scores(query, *documents)
    assert result.shape == (len(documents),)
    assert result.dtype == np.float32
    assert ((result >= 0) & (result <= 1)).all()


@given(st.lists(st.sampled_from(["pump", "seal", "P-101A", "泵", "over-heat"]), min_size=1, max_size=6))
def test_a_copy_of_the_query_scores_1_and_nothing_shorter_does(query: list[str]) -> None:
    text = " ".join(query)
    whole, less = scores(text, text, " ".join(query[1:]))
    assert whole == pytest.approx(1)
    assert less <= whole + 1e-6
