"""Texts made comparable, and the way back."""

from hypothesis import given
from hypothesis import strategies as st

from sensorium_text.entities._folding import Folded


def way_back(text: str, looked_for: str, *, fold_case: bool = True) -> str | None:
    """What stands in the text where its folded form has the folded form of another text."""
    folded = Folded(text, fold_case=fold_case)
    name = Folded(looked_for, fold_case=fold_case).text
    begin = folded.text.find(name)
    if begin < 0:
        return None
    first, last = folded.span(begin, begin + len(name))
    return text[first:last]


def test_words_are_found_whole() -> None:
    assert way_back("pumps and pump", "PUMP") == "pump"
    assert way_back("pumps", "pump") is None
    assert way_back("P-101A", "P-101") is None
    assert way_back("at P-101.", "p-101") == "P-101"


def test_chinese_is_found_within_words() -> None:
    assert way_back("水泵房", "泵") == "泵"
    assert way_back("二号pump房", "pump房") == "pump房"


def test_case_may_count() -> None:
    assert way_back("oven OVEN", "OVEN", fold_case=False) == "OVEN"


def test_letters_that_fold_to_several_keep_the_offsets_right() -> None:
    assert way_back("İİ straße ok", "STRASSE") == "straße"
    assert way_back("ßßß İstanbul x", "i̇stanbul") == "İstanbul"
    assert way_back("ﬃﬃ, pump", "pump") == "pump"


def test_white_space_is_one_kind_of_space() -> None:
    assert way_back("Press\u00a04\n", "press 4") == "Press\u00a04"


def test_the_mark_itself_is_nothing_special_in_a_text() -> None:
    assert way_back("a\uffffpump\uffff", "pump") == "pump"
    assert way_back("\uffff\uffff", "pump") is None


@given(st.text(), st.booleans())
def test_the_whole_folded_text_stands_for_the_whole_text(text: str, fold_case: bool) -> None:
    folded = Folded(text, fold_case=fold_case)
    if text:
        assert folded.span(0, len(folded.text)) == (0, len(text))
    else:
        assert folded.text == ""


@given(st.text(alphabet="aßİ 张-1\uffff", max_size=30), st.integers(0, 30), st.integers(1, 5))
def test_a_part_of_the_folded_text_stands_for_a_part_of_the_text(text: str, begin: int, length: int) -> None:
    folded = Folded(text, fold_case=True)
    end = min(begin + length, len(folded.text))
    if begin < end:
        first, last = folded.span(begin, end)
        assert 0 <= first <= last <= len(text)
