"""The tokenizer of a folder, checked to be one that the text service can use with the network beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from sensorium_models.errors import ModelError
from sensorium_models.importing._architecture import Architecture
from sensorium_models.importing._folder import TOKENIZER
from sensorium_models.texts import SENTENCES
from sensorium_models.tokenizer import huggingface_file

__all__ = ["read_tokenizer", "sample_rows"]


def read_tokenizer(folder: Path, architecture: Architecture) -> Tokenizer:
    """The tokenizer, without padding and truncation.

    Raises:
        ModelError: It cannot be read, has ids that the network has not, or puts special tokens inside of texts.
    """
    try:
        tokenizer = Tokenizer.from_str(huggingface_file(folder / TOKENIZER).decode())
    except ModelError:
        raise
    except Exception as error:  # the library raises bare exceptions
        raise ModelError(f"{TOKENIZER} is no tokenizer of the library tokenizers: {error}") from error
    largest = max(tokenizer.get_vocab(with_added_tokens=True).values(), default=-1)
    if largest >= architecture.vocabulary:
        raise ModelError(
            f"{TOKENIZER} has the id {largest}, config.json says vocab_size {architecture.vocabulary}: they do not "
            "belong together"
        )
    _check_frame(tokenizer)
    return tokenizer


def _check_frame(tokenizer: Any) -> None:
    frames = set()
    for text in ("a", *(text for texts in SENTENCES.values() for text in texts)):
        framed, bare = tokenizer.encode(text).ids, tokenizer.encode(text, add_special_tokens=False).ids
        starts = [start for start in range(len(framed)) if framed[start : start + len(bare)] == bare]
        if not bare or not starts:
            raise ModelError(f"{TOKENIZER} gives {text!r} no tokens, or puts special ones between them")
        frames.add((tuple(framed[: starts[0]]), tuple(framed[starts[0] + len(bare) :])))
    if len(frames) > 1:
        raise ModelError(f"{TOKENIZER} puts other special tokens around each text; the same for all are served")


def sample_rows(tokenizer: Any, longest: int) -> list[Sequence[int]]:
    """Ids of real sentences, cut at `longest`, and of a text that is as long."""
    texts = [text for texts in SENTENCES.values() for text in texts]
    rows: list[Sequence[int]] = [tokenizer.encode(text).ids[:longest] for text in texts]
    filled = tokenizer.encode(" ".join(texts * (1 + longest // 64))).ids[:longest]
    return [*rows, filled]
