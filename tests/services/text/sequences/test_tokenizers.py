"""Texts to token ids and the places of the tokens, with tokenizers made for the test."""

import io
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
import spacy
import tokenizers
from hypothesis import given
from hypothesis import strategies as st
from spacy.lookups import Lookups
from tokenizers import models, pre_tokenizers, processors, trainers

from sensorium_core.lexical import LOOKUPS, TOKENIZER, HashSettings
from sensorium_core.ngrams import NgramSettings, ngram_ids
from sensorium_text.sequences import Tokenizer, load_tokenizer

CORPUS = [
    "bucket cylinder leaking",
    "replace the hydraulic hose",
    "engine does not start",
    "泵 漏油",
    "🔧 tighten bolts",
]


@pytest.fixture(scope="module")
def huggingface(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    made = tokenizers.Tokenizer(models.WordPiece({}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=200, special_tokens=["[UNK]", "[CLS]", "[SEP]"], show_progress=False)
    made.train_from_iterator(CORPUS, trainer)
    made.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    made.enable_truncation(4)
    made.enable_padding(length=16)
    folder = tmp_path_factory.mktemp("huggingface")
    made.save(str(folder / "tokenizer.json"))
    return load_tokenizer(folder, {"tokenizer": "huggingface"})


@pytest.fixture(scope="module")
def sentencepieces(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS * 20), model_writer=written, vocab_size=90, hard_vocab_limit=False, minloglevel=9
    )
    folder = tmp_path_factory.mktemp("sentencepiece")
    (folder / "sentencepiece.model").write_bytes(written.getvalue())
    return load_tokenizer(folder, {"tokenizer": "sentencepiece"})


def test_special_tokens_are_known_and_not_among_the_ids(huggingface: Tokenizer) -> None:
    assert (huggingface.prefix, huggingface.suffix) == ((1,), (2,))
    (encoding,) = huggingface.encode(["bucket cylinder"])
    assert not {1, 2} & set(encoding.ids.tolist())


def test_nothing_is_cut_or_padded_whatever_the_file_says(huggingface: Tokenizer) -> None:
    short, long = huggingface.encode(["bucket", "bucket " * 40])
    assert len(short.ids) == 1
    assert len(long.ids) == 40


@pytest.mark.parametrize("kind", ["huggingface", "sentencepieces"])
def test_each_token_has_its_place_in_the_text(kind: str, request: pytest.FixtureRequest) -> None:
    tokenizer: Tokenizer = request.getfixturevalue(kind)
    text = "🔧 replace the hydraulic hose 泵"
    (encoding,) = tokenizer.encode([text])
    assert len(encoding.ids) == len(encoding.spans)
    covered = {place for span in encoding.spans for place in range(span.begin, span.end)}
    assert covered >= {place for place, character in enumerate(text) if not character.isspace()}


@given(texts=st.lists(st.text(max_size=60), min_size=1, max_size=4))
def test_places_lie_in_the_text_and_in_order(texts: list[str], sentencepieces: Tokenizer) -> None:
    for text, encoding in zip(texts, sentencepieces.encode(texts), strict=True):
        assert all(0 <= span.begin <= span.end <= len(text) for span in encoding.spans)
        assert [span.begin for span in encoding.spans] == sorted(span.begin for span in encoding.spans)


def test_sentence_pieces_are_framed_by_the_model_s_own_marks(sentencepieces: Tokenizer) -> None:
    assert (sentencepieces.prefix, sentencepieces.suffix) == ((1,), (2,))


def test_each_unknown_character_is_a_token_of_its_own(sentencepieces: Tokenizer) -> None:
    (encoding,) = sentencepieces.encode(["engine 鑫焱淼"])
    unknown = encoding.ids[-3:].tolist()
    assert unknown == [0, 0, 0]
    assert {(span.begin, span.end) for span in encoding.spans[-3:]} == {(7, 10)}
    assert len(encoding.spans) == len(encoding.ids)


def test_ngrams_are_those_that_the_model_was_trained_on(tmp_path: Path) -> None:
    settings = NgramSettings(buckets=1000, words=(1, 2), characters=(3, 4), limit=50)
    tokenizer = load_tokenizer(tmp_path, {"tokenizer": "ngrams", "ngrams": settings.to_json()})
    (encoding,) = tokenizer.encode(["BUCKET WON'T OPEN"])
    assert encoding.ids.tolist() == ngram_ids("BUCKET WON'T OPEN", settings)
    assert encoding.spans == ()


def test_spacy_s_tokens_are_several_numbers_each(tmp_path: Path) -> None:
    english: Any = spacy.blank("en")
    (tmp_path / TOKENIZER).write_bytes(english.tokenizer.to_bytes())
    lookups = Lookups()
    lookups.add_table("lexeme_norm", {})
    (tmp_path / LOOKUPS).write_bytes(lookups.to_bytes())
    settings = HashSettings(("NORM", "PREFIX", "SUFFIX", "SHAPE"), seeds=(8, 9, 10, 11), rows=(50, 10, 25, 25))
    tokenizer = load_tokenizer(tmp_path, {"tokenizer": "spacy", "hashes": settings.to_json()})
    (encoding,) = tokenizer.encode(["bucket won't open"])
    assert encoding.ids.shape == (4, 17)
    assert [(span.begin, span.end) for span in encoding.spans] == [(0, 6), (7, 9), (9, 12), (13, 17)]
    assert (tokenizer.prefix, tokenizer.suffix) == ((), ())


def test_an_unknown_kind_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'words' is not known; known are huggingface, sentencepiece, ngrams, spacy"):
        load_tokenizer(tmp_path, {"tokenizer": "words"})
