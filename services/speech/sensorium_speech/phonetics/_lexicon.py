"""How English words are pronounced in General American: the dictionary that the package misaki brings (Apache 2.0)."""

import json
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

Symbols = tuple[str, ...]

_FILES = ("us_gold.json", "us_silver.json")
# Its symbols, one a sound, as phonemes of the phoneme model; stress is left out. Flaps are the sounds they stand for.
_STRESS = "ˈˌ"
_PHONEMES = {
    "A": "eɪ",
    "I": "aɪ",
    "O": "oʊ",
    "W": "aʊ",
    "Y": "ɔɪ",
    "\u02a4": "d͡ʒ",
    "\u02a7": "t͡ʃ",
    "\u0261": "g",
    "\u1d4a": "ə",
    "\u1d7b": "ɪ",
    "\u027e": "t",
    "\u0294": "t",
    "T": "t",
    "R": "ɝ",
}
_R_COLOURED = ("\u025c\u0279", "ə\u0279")
_VOICELESS = frozenset(("p", "t", "k", "f", "θ"))
_HISSING = frozenset(("s", "z", "ʃ", "ʒ", "t͡ʃ", "d͡ʒ"))
_SHORTEST_STEM = 3


def pronunciations(word: str) -> tuple[Symbols, ...]:
    """The pronunciations of a word in lower case, in IPA; none when the dictionary does not have it.

    Regular plurals, and verbs with the same ending, follow from their stems. The dictionary is read when it is first
    needed, which takes half a second.
    """
    entries = _dictionary().get(word)
    if entries is not None:
        return tuple(dict.fromkeys(map(_symbols, entries)))
    if word.endswith("s") and len(word) > _SHORTEST_STEM:
        return tuple((*stem, *_ending(stem[-1])) for stem in pronunciations(word[:-1]) if stem)
    return ()


@cache
def _dictionary() -> dict[str, tuple[str, ...]]:
    package = find_spec("misaki")
    if package is None or package.origin is None:
        raise RuntimeError("the package misaki is missing")
    entries: dict[str, tuple[str, ...]] = {}
    for name in reversed(_FILES):
        written = json.loads((Path(package.origin).parent / "data" / name).read_text(encoding="utf-8"))
        # Names and abbreviations come first, so that words take the place of those they look like.
        for word in sorted(written, key=str.islower):
            if said := tuple(_said(written[word])):
                entries[word.lower()] = said
    return entries


def _said(given: str | dict[str, str | None]) -> Iterator[str]:
    """The pronunciations of an entry, which may differ by part of speech."""
    yield from [given] if isinstance(given, str) else filter(None, given.values())


def _symbols(said: str) -> Symbols:
    for written in _R_COLOURED:
        said = said.replace(written, "R")
    return tuple(_PHONEMES.get(symbol, symbol) for symbol in said if symbol not in _STRESS)


def _ending(last: str) -> Symbols:
    if last in _HISSING:
        return ("ɪ", "z")
    return ("s",) if last in _VOICELESS else ("z",)
