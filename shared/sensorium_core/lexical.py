"""Words as spaCy sees them: what a model with `tokenizer` "spacy" is fed.

The model builder proves its model with these numbers and the text service sends them, so they are made here only.
spaCy splits a text into tokens and gives each the norm, prefix, suffix and shape it was trained with; thinc hashes each
of these four to four rows of a table (Svenstrup et al., Hash Embeddings for Efficient Word Representations, 2017).
"""

import json
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["HASHES", "LOOKUPS", "TOKENIZER", "HashSettings", "Lexemes", "LexicalTokenizer"]

TOKENIZER, LOOKUPS = "spacy.tokenizer", "spacy.lookups"
"""Files of a model's folder: spaCy's own serialisation of its tokenizer's rules, and of its table of norms."""

HASHES = 4
"""Rows per attribute."""

# spaCy's affixes are found in a time that grows with the square of a word's length.
_LONGEST_WORD = re.compile(r"\S{100}")


@dataclass(frozen=True, slots=True)
class HashSettings:
    """Which attributes of a token are hashed, with which seed, and to how many rows; one table lies behind the other.

    Attributes:
        attributes: spaCy's names: NORM, PREFIX, SUFFIX, SHAPE.
        seeds: one for each attribute.
        rows: of each attribute's table.
    """

    attributes: tuple[str, ...]
    seeds: tuple[int, ...]
    rows: tuple[int, ...]

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Reads what `to_json` wrote.

        Raises:
            ValueError: it is something else.
        """
        try:
            read = json.loads(text)
            return cls(*(tuple(read[name]) for name in ("attributes", "seeds", "rows")))
        except (TypeError, KeyError, ValueError) as error:
            raise ValueError(f"no hash settings: {error}") from error

    def to_json(self) -> str:
        """One line of JSON, as it stands in the model's configuration under the parameter `hashes`."""
        return json.dumps(asdict(self), separators=(",", ":"))


@dataclass(frozen=True, eq=False, slots=True)
class Lexemes:
    """The tokens of a text.

    Attributes:
        ids: `int32[T,17]`: four rows for each of four attributes, and 1 where the token is white space, else 0.
        spans: begin and end of each token in code points.
    """

    ids: NDArray[np.int32]
    spans: tuple[tuple[int, int], ...]


class LexicalTokenizer:
    """Splits texts and hashes their tokens. Synchronous, for any thread; one text at a time.

    Args:
        folder: holds the files `TOKENIZER` and `LOOKUPS`.
        settings: how the model hashes.
    """

    def __init__(self, folder: Path, settings: HashSettings) -> None:
        self._nlp = _english(folder)
        from spacy.attrs import IDS, IS_SPACE  # noqa: PLC0415 - only who uses such a model pays for loading spaCy
        from thinc.backends import NumpyOps  # noqa: PLC0415 - as above

        self._attributes = [*(IDS[name] for name in settings.attributes), IS_SPACE]
        self._settings = settings
        self._starts = np.cumsum([0, *settings.rows[:-1]])
        self._ops: Any = NumpyOps()
        self._lock = threading.Lock()

    def encode(self, text: str) -> Lexemes:
        """The tokens of a text. A word of more than 100 characters is cut into such of 100."""
        # The vocabulary forgets what it met: texts are not its to keep, and there is no end of them.
        with self._lock, self._nlp.memory_zone():
            pieces = [(start, self._nlp.make_doc(piece)) for start, piece in _pieces(text)]
            attributes = np.concatenate([piece.to_array(self._attributes) for _, piece in pieces])
            spans = tuple((start + t.idx, start + t.idx + len(t)) for start, piece in pieces for t in piece)
        return Lexemes(self._rows(attributes), spans)

    def _rows(self, attributes: NDArray[np.uint64]) -> NDArray[np.int32]:
        columns = [
            start + self._ops.hash(np.ascontiguousarray(attributes[:, index]), seed) % rows
            for index, (start, seed, rows) in enumerate(
                zip(self._starts, self._settings.seeds, self._settings.rows, strict=True)
            )
        ]
        return np.concatenate([*columns, attributes[:, -1:]], axis=1).astype(np.int32)


def _english(folder: Path) -> Any:
    with _without("torch", "tensorflow", "mxnet", "cupy"):
        import spacy  # noqa: PLC0415 - as above
        from spacy.attrs import NORM  # noqa: PLC0415 - as above

    make: Any = spacy.blank
    nlp = make("en")
    norms = nlp.vocab.lookups.from_bytes((folder / LOOKUPS).read_bytes()).get_table("lexeme_norm")
    getters = nlp.vocab.lex_attr_getters
    getters[NORM] = spacy.util.add_lookups(getters[NORM], norms)
    nlp.tokenizer.from_bytes((folder / TOKENIZER).read_bytes())
    return nlp


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for word in _LONGEST_WORD.finditer(text):
        yield start, text[start : word.end()]
        start = word.end()
    if start < len(text) or not text:
        yield start, text[start:]


@contextmanager
def _without(*modules: str) -> Iterator[None]:
    """Importing any of `modules` fails inside.

    thinc would load them wherever they are installed, which takes seconds and hundreds of megabytes for nothing.
    """
    missing = [name for name in modules if name not in sys.modules]
    blocked: dict[str, Any] = dict.fromkeys(missing)
    sys.modules.update(blocked)
    try:
        yield
    finally:
        for name in missing:
            del sys.modules[name]
