"""Tokenizers: texts to token ids, by the libraries that the models were trained with. Synchronous; run in a thread."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import sentencepiece
import tokenizers

from sensorium_core.lexical import HashSettings, LexicalTokenizer
from sensorium_core.ngrams import NgramSettings, ngram_ids
from sensorium_text.domain import EncodingType, Ids, Span
from sensorium_text.offsets import Offsets

# Its own threads would fight with the executor's, which already tokenizes the texts of several calls side by side.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


@dataclass(frozen=True, eq=False)
class Encoding:
    """A text's tokens without special ones.

    Attributes:
        ids: `int32[T]`, or `int32[T,K]` where a token is several numbers.
        spans: where each token is in the text; empty for n-grams, which overlap.
    """

    ids: Ids
    spans: tuple[Span, ...]


class Tokenizer(Protocol):
    """What turns texts into ids.

    Attributes:
        prefix, suffix: special tokens that the model wants around a sequence.
    """

    prefix: tuple[int, ...]
    suffix: tuple[int, ...]

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """The tokens of each text."""
        ...


class _HuggingFace:
    def __init__(self, path: Path) -> None:
        self._tokenizer = tokenizers.Tokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        framed = self._tokenizer.encode("a").ids
        bare = self._tokenizer.encode("a", add_special_tokens=False).ids
        start = next(i for i in range(len(framed)) if framed[i : i + len(bare)] == bare)
        self.prefix, self.suffix = tuple(framed[:start]), tuple(framed[start + len(bare) :])

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        found = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [Encoding(np.array(one.ids, np.int32), _spans(one.offsets)) for one in found]


class _SentencePiece:
    def __init__(self, path: Path) -> None:
        self._processor: Any = sentencepiece.SentencePieceProcessor(model_file=str(path))
        self.prefix: tuple[int, ...] = (self._processor.bos_id(),)
        self.suffix: tuple[int, ...] = (self._processor.eos_id(),)

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        found = self._processor.encode(list(texts), return_type="proto")
        return [self._encoding(text, one.pieces) for text, one in zip(texts, found, strict=True)]

    def _encoding(self, text: str, pieces: Sequence[Any]) -> Encoding:
        # The library joins unknown characters that follow each other; the model's own engine counts every one.
        unknown = self._processor.unk_id()
        counts = [len(piece.piece) if piece.id == unknown else 1 for piece in pieces]
        offsets = Offsets(text, EncodingType.UTF8)  # the library counts bytes
        spans = [offsets.code_points_of(Span(piece.begin, piece.end)) for piece in pieces]
        ids = np.repeat(np.array([piece.id for piece in pieces], np.int32), counts)
        return Encoding(ids, tuple(span for span, count in zip(spans, counts, strict=True) for _ in range(count)))


class _Ngrams:
    prefix: tuple[int, ...] = ()
    suffix: tuple[int, ...] = ()

    def __init__(self, settings: NgramSettings) -> None:
        self._settings = settings

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        return [Encoding(np.array(ngram_ids(text, self._settings), np.int32), ()) for text in texts]


class _Spacy:
    prefix: tuple[int, ...] = ()
    suffix: tuple[int, ...] = ()

    def __init__(self, folder: Path, settings: HashSettings) -> None:
        self._tokenizer = LexicalTokenizer(folder, settings)

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        found = map(self._tokenizer.encode, texts)
        return [Encoding(one.ids, _spans(one.spans)) for one in found]


def load_tokenizer(folder: Path, parameters: Mapping[str, str]) -> Tokenizer:
    """The tokenizer of a model.

    Args:
        folder: the model's, in the repository.
        parameters: of its configuration; `tokenizer` names the kind.

    Raises:
        ValueError: the kind is not known.
    """
    kinds: dict[str, Callable[[], Tokenizer]] = {
        "huggingface": lambda: _HuggingFace(folder / "tokenizer.json"),
        "sentencepiece": lambda: _SentencePiece(folder / "sentencepiece.model"),
        "ngrams": lambda: _Ngrams(NgramSettings.from_json(parameters["ngrams"])),
        "spacy": lambda: _Spacy(folder, HashSettings.from_json(parameters["hashes"])),
    }
    kind = parameters.get("tokenizer", "")
    if kind not in kinds:
        raise ValueError(f"{folder}: the tokenizer {kind!r} is not known; known are {', '.join(kinds)}")
    return kinds[kind]()


def _spans(offsets: Sequence[tuple[int, int]]) -> tuple[Span, ...]:
    return tuple(Span(begin, end) for begin, end in offsets)
