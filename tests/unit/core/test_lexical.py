"""Words as spaCy sees them: the tokens of spaCy's English, their hashes, and nothing of a text that stays behind."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.lookups import Lookups

from sensorium_core.lexical import LOOKUPS, TOKENIZER, HashSettings, LexicalTokenizer

SETTINGS = HashSettings(("NORM", "PREFIX", "SUFFIX", "SHAPE"), seeds=(8, 9, 10, 11), rows=(5000, 1000, 2500, 2500))


@pytest.fixture(scope="module")
def english() -> Any:
    return spacy.blank("en")


@pytest.fixture(scope="module")
def tokenizer(english: Any, tmp_path_factory: pytest.TempPathFactory) -> LexicalTokenizer:
    folder = tmp_path_factory.mktemp("spacy")
    (folder / TOKENIZER).write_bytes(english.tokenizer.to_bytes())
    lookups = Lookups()
    lookups.add_table("lexeme_norm", {"colour": "color"})
    (folder / LOOKUPS).write_bytes(lookups.to_bytes())
    return LexicalTokenizer(folder, SETTINGS)


def words(tokenizer: LexicalTokenizer, text: str) -> list[str]:
    return [text[begin:end] for begin, end in tokenizer.encode(text).spans]


def test_tokens_are_spacy_s(tokenizer: LexicalTokenizer) -> None:
    text = "Dr. Li's pump (P-101) isn't\u00a0dry,  see http://x.io/a?b=1."
    expected = ["Dr.", "Li", "'s", "pump", "(", "P-101", ")", "is", "n't", "\u00a0", "dry", ",", " ", "see"]
    assert words(tokenizer, text) == [*expected, "http://x.io/a?b=1", "."]


def test_offsets_count_code_points(tokenizer: LexicalTokenizer) -> None:
    assert tokenizer.encode("\N{ELECTRIC PLUG} off").spans == ((0, 1), (2, 5))


def test_ids_are_rows_of_the_tables_one_behind_the_other_and_white_space(tokenizer: LexicalTokenizer) -> None:
    ids = tokenizer.encode("Berlin  ok").ids
    assert ids.shape == (3, 17)
    assert ids.dtype == np.int32
    for columns, (low, high) in zip(
        np.split(ids[:, :-1], 4, axis=1), [(0, 5000), (5000, 6000), (6000, 8500), (8500, 11000)], strict=True
    ):
        assert ((low <= columns) & (columns < high)).all()
    assert ids[:, -1].tolist() == [0, 1, 0]


def test_what_is_written_otherwise_but_has_one_norm_shares_its_rows(tokenizer: LexicalTokenizer) -> None:
    british, american, other = (tokenizer.encode(word).ids[0, :4].tolist() for word in ("colour", "Color", "colon"))
    assert british == american
    assert not set(british) & set(other)


def test_no_text_has_no_tokens(tokenizer: LexicalTokenizer) -> None:
    nothing = tokenizer.encode("")
    assert (nothing.ids.shape, nothing.spans) == ((0, 17), ())


def test_a_word_without_end_is_cut_because_its_affixes_take_the_square_of_its_length(
    tokenizer: LexicalTokenizer,
) -> None:
    text = "see " + "x" * 250 + " end"
    assert [len(word) for word in words(tokenizer, text)] == [3, 100, 100, 50, 3]
    assert len(words(tokenizer, ")" * 20_000)) == 20_000


def test_texts_are_forgotten(tokenizer: LexicalTokenizer) -> None:
    strings = tokenizer._nlp.vocab.strings
    tokenizer.encode("warm up")
    before = len(strings)
    tokenizer.encode("Herr Geheimrat Wolkenstein ruft an")
    assert "Wolkenstein" not in strings
    assert len(strings) == before


def test_threads_do_not_disturb_each_other(tokenizer: LexicalTokenizer) -> None:
    texts = [f"Pump {number} of line {number % 7} isn't dry" for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(tokenizer.encode, texts))
    for text, lexemes in zip(texts, together, strict=True):
        assert np.array_equal(lexemes.ids, tokenizer.encode(text).ids)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_tokens_cover_all_but_single_spaces_in_order(tokenizer: LexicalTokenizer, text: str) -> None:
    end = 0
    for begin, stop in tokenizer.encode(text).spans:
        assert end <= begin < stop <= len(text)
        assert text[end:begin] in ("", " ")
        end = stop
    assert text[end:] in ("", " ")


def test_settings_survive_the_configuration() -> None:
    assert HashSettings.from_json(SETTINGS.to_json()) == SETTINGS


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"attributes": 1, "seeds": [1], "rows": [1]}'])
def test_other_settings_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no hash settings"):
        HashSettings.from_json(text)
