"""A text as the set of its word and character n-grams, hashed to ids: what a model with `tokenizer` "ngrams" is fed.

The model builder trains on these ids and the text service sends them; both must make them in exactly the same way, so
they are made here only. The hashing trick: Weinberger et al., Feature Hashing for Large Scale Multitask Learning, 2009.
"""

import json
import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Self

__all__ = ["NgramSettings", "folded_words", "ngram_ids"]

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d+")
# The words of a plant's texts come again and again: what is made of them is kept, except for what is too long for one.
_KEPT_WORDS = 4096
_LONGEST_KEPT = 32


@dataclass(frozen=True, slots=True)
class NgramSettings:
    """Which n-grams a model was trained on.

    Attributes:
        buckets: ids lie in 0 to `buckets` - 1.
        words: shortest and longest n-gram of words.
        characters: shortest and longest n-gram of characters within a word, the spaces around it included.
        limit: most ids of one text; those that come first in the text stay.
    """

    buckets: int
    words: tuple[int, int]
    characters: tuple[int, int]
    limit: int

    def __post_init__(self) -> None:
        """Refuses what makes no sense.

        Raises:
            ValueError: a size below 1, or a range whose end comes before its start.
        """
        for first, last in (self.words, self.characters, (1, self.buckets), (1, self.limit)):
            if not 1 <= first <= last:
                raise ValueError(f"n-gram settings must be ranges of numbers from 1 on: {self}")

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Reads what `to_json` wrote.

        Raises:
            ValueError: it is something else.
        """
        try:
            read = json.loads(text)
            (shortest_words, longest_words), (shortest, longest) = read["words"], read["characters"]
            return cls(read["buckets"], (shortest_words, longest_words), (shortest, longest), read["limit"])
        except (TypeError, KeyError, ValueError) as error:
            raise ValueError(f"no n-gram settings: {error}") from error

    def to_json(self) -> str:
        """One line of JSON, as it stands in the model's configuration under the parameter `ngrams`."""
        return json.dumps(asdict(self), separators=(",", ":"))


def folded_words(text: str) -> list[str]:
    """The words of a text in compatibility form and without case, every run of digits as "0"; no punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _WORD.findall(_NUMBER.sub("0", folded))


def ngram_ids(text: str, settings: NgramSettings) -> list[int]:
    """The ids of a text's n-grams, each once, in the order in which they appear; none for a text without words."""
    ids: dict[int, None] = {}
    for found in _ids(folded_words(text), settings):
        ids[found] = None
        if len(ids) == settings.limit:
            break
    return list(ids)


def _ids(words: list[str], settings: NgramSettings) -> Iterator[int]:
    # Word by word, so that a limit keeps all that is known of a text's beginning.
    for index, word in enumerate(words):
        for length in range(settings.words[0], settings.words[1] + 1):
            if index + length <= len(words):
                yield _id("w" + " ".join(words[index : index + length]), settings.buckets)
        yield from (_kept_ids if len(word) <= _LONGEST_KEPT else _character_ids)(word, settings)


@lru_cache(_KEPT_WORDS)
def _kept_ids(word: str, settings: NgramSettings) -> tuple[int, ...]:
    return tuple(_character_ids(word, settings))


def _character_ids(word: str, settings: NgramSettings) -> Iterator[int]:
    spaced = f" {word} "
    for length in range(settings.characters[0], settings.characters[1] + 1):
        for start in range(len(spaced) - length + 1):
            yield _id("c" + spaced[start : start + length], settings.buckets)


def _id(gram: str, buckets: int) -> int:
    return zlib.crc32(gram.encode("utf-8", "surrogatepass")) % buckets
