"""N-grams: the same ids for the same words, for ever, however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_core.ngrams import NgramSettings, folded_words, ngram_ids

WORDS = NgramSettings(buckets=1 << 16, words=(1, 2), characters=(9, 9), limit=100)


def settings(**changes: object) -> NgramSettings:
    return NgramSettings(**({"buckets": 1 << 10, "words": (1, 2), "characters": (3, 4), "limit": 64} | changes))  # type: ignore[arg-type] # as the test wants it


def test_words_are_compared_without_case_width_punctuation_and_figures() -> None:
    assert folded_words("L/H  BOOM-Cyl. ﬁtted, 12.5 bar; \N{FULLWIDTH LATIN CAPITAL LETTER P}ump_7 straße 液压泵") == [
        *("l", "h", "boom", "cyl", "fitted", "0", "0", "bar", "pump", "0", "strasse", "液压泵")
    ]


def test_ids_never_change_because_trained_models_rely_on_them() -> None:
    # CRC-32 of "wboom", "wboom cyl" and "wcyl" modulo the buckets.
    assert ngram_ids("Boom cyl", WORDS) == [4826, 6784, 56716]


def test_characters_are_looked_at_within_words_with_the_spaces_around_them() -> None:
    only = settings(words=(2, 2), characters=(3, 3), buckets=1 << 30)
    assert len(ngram_ids("boom", only)) == len({" bo", "boo", "oom", "om "})
    assert len(ngram_ids("ab cd", only)) == len({"ab cd", " ab", "ab ", " cd", "cd "})


def test_an_id_that_occurs_twice_counts_once() -> None:
    assert ngram_ids("leak leak leak", settings(words=(1, 1))) == ngram_ids("leak", settings(words=(1, 1)))


def test_a_long_text_keeps_the_ids_of_its_beginning() -> None:
    long = ngram_ids("replace the pump seal and test it", settings(limit=10))
    assert long == ngram_ids("replace the pump seal and test it", settings())[:10]


@pytest.mark.parametrize("text", ["", "  ", "?!", "\N{WARNING SIGN}"])
def test_a_text_without_words_has_no_ids(text: str) -> None:
    assert ngram_ids(text, settings()) == []


@given(st.text(st.characters(), max_size=200))
def test_any_text_gives_distinct_ids_in_range(text: str) -> None:
    ids = ngram_ids(text, settings())
    assert len(set(ids)) == len(ids) <= 64
    assert all(0 <= each < 1 << 10 for each in ids)


def test_settings_survive_the_configuration() -> None:
    assert settings().to_json() == '{"buckets":1024,"words":[1,2],"characters":[3,4],"limit":64}'
    assert NgramSettings.from_json(settings().to_json()) == settings()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{}", '{"buckets":8,"words":[1],"characters":[3,4],"limit":9}', '{"buckets":"8","words":[1,2]}'],
)
def test_other_settings_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no n-gram settings"):
        NgramSettings.from_json(text)


@pytest.mark.parametrize("changes", [{"buckets": 0}, {"limit": 0}, {"words": (2, 1)}, {"characters": (0, 3)}])
def test_settings_that_make_no_sense_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="ranges of numbers from 1 on"):
        settings(**changes)
