"""Texts as tokens, for vocabularies of byte pair encoding whose tokens are numbered in the order of their merges.

Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units", ACL 2016, as SentencePiece has it: the
pair with the lowest number is merged first, and what has no piece is spelled in bytes of UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

SPACE = "\u2581"
_WORDS_KEPT = 10_000
_MARKED = re.compile("<.+>")


class Segmenter:
    """Makes tokens of texts.

    Args:
        pieces: By token; a word's first piece begins with U+2581, and a byte's is `<0x0A>`.
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        numbered = {piece: token for token, piece in enumerate(pieces)}
        # Control tokens and bytes are no letters, whatever a text says.
        self._letters = {piece: token for piece, token in numbered.items() if not _MARKED.fullmatch(piece)}
        self._bytes = {piece: token for piece, token in numbered.items() if piece.startswith("<0x")}
        self._word = lru_cache(_WORDS_KEPT)(self._segment)

    def __call__(self, text: str) -> tuple[int, ...]:
        """The tokens of a text, word by word."""
        return tuple(token for word in text.split() for token in self._word(SPACE + word))

    def _segment(self, word: str) -> tuple[int, ...]:
        parts = list(word)
        while pairs := [
            (token, place)
            for place in range(len(parts) - 1)
            if (token := self._letters.get(parts[place] + parts[place + 1])) is not None
        ]:
            place = min(pairs)[1]
            parts[place : place + 2] = [parts[place] + parts[place + 1]]
        return tuple(token for part in parts for token in self._spelled(part))

    def _spelled(self, part: str) -> list[int]:
        known = self._letters.get(part)
        return [self._bytes[f"<0x{byte:02X}>"] for byte in part.encode()] if known is None else [known]
