"""From a recogniser's tokens to text and words. Pure functions."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sensorium_speech.domain import Token, Transcript, Word

_SPACE = "\u2581"  # how SentencePiece writes the beginning of a word
_BYTES = re.compile(r"(?:<0x[0-9A-F]{2}>)+")
# Chinese and Japanese write no spaces: there each character counts as a word, with the punctuation behind it.
_IDEOGRAPHS = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_IDEOGRAPHS}][^\w\s]*|[^\s{_IDEOGRAPHS}]+")

Span = tuple[int, int]


@dataclass(frozen=True)
class _Piece:
    text: str
    tokens: range  # positions of the tokens that it is made of


def transcript(tokens: Sequence[Token], pieces: Sequence[str], spans: Sequence[Span] = ()) -> Transcript:
    """The text of tokens, with confidences.

    Args:
        tokens: indices into the pieces.
        pieces: the vocabulary. U+2581 stands for a space, `<0x0A>` for a byte of UTF-8; a piece may be several bytes.
        spans: first sample of each token and the one behind its last, where they are known; words get theirs from them.
    """
    log_probabilities = [token.log_probability for token in tokens]
    text, owners = "", list[int]()
    for piece in _decoded([pieces[token.number] for token in tokens]):
        if piece.text == "," and text.endswith(","):
            continue  # Moonshine stutters now and then
        text += piece.text
        owners += [piece.tokens.start] * len(piece.text)
        if len(piece.tokens) > 1:  # several bytes, one character: the first byte stands for all of them
            log_probabilities = _merged(log_probabilities, piece.tokens)
    words = tuple(_word(match, owners, log_probabilities, spans) for match in _WORD.finditer(text))
    mean = math.fsum(log_probabilities) / len(tokens) if tokens else 0.0
    return Transcript(" ".join(text.split()), math.exp(min(mean, 0.0)) if words else 0.0, words)


def _word(
    match: re.Match[str], owners: Sequence[int], log_probabilities: Sequence[float], spans: Sequence[Span]
) -> Word:
    tokens = set(owners[match.start() : match.end()])
    confidence = math.exp(min(0.0, math.fsum(log_probabilities[token] for token in tokens)))
    if not spans:
        return Word(match.group(), confidence)
    return Word(match.group(), confidence, spans[min(tokens)][0], spans[max(tokens)][1])


def _merged(values: Sequence[float], tokens: range) -> list[float]:
    merged = list(values)
    merged[tokens.start] = math.fsum(values[tokens.start : tokens.stop])
    merged[tokens.start + 1 : tokens.stop] = [0.0] * (len(tokens) - 1)
    return merged


def _decoded(pieces: Sequence[str]) -> list[_Piece]:
    decoded, run = list[_Piece](), bytearray()
    started: int | None = None
    for place, piece in enumerate([*pieces, ""]):
        if _BYTES.fullmatch(piece):
            run += bytes.fromhex(piece.replace("<0x", "").replace(">", ""))
            started = place if started is None else started
            continue
        if started is not None:
            decoded.append(_Piece(run.decode("utf-8", errors="replace"), range(started, place)))
            run, started = bytearray(), None
        decoded.append(_Piece(piece.replace(_SPACE, " "), range(place, place + 1)))
    return decoded
