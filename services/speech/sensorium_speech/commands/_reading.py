"""From the likeliest way through a vocabulary to a command with its slots. Pure functions."""

from collections.abc import Sequence
from itertools import groupby

from sensorium_speech.commands._confidence import confidence
from sensorium_speech.commands._decoding import Decoded
from sensorium_speech.commands._model import Command, Filled
from sensorium_speech.commands._numbers import number_of
from sensorium_speech.commands._vocabulary import Part, Vocabulary
from sensorium_speech.domain import Piece, Word
from sensorium_speech.phonetics import spans
from sensorium_speech.phrase_sets import UnitSlot


def read(vocabulary: Vocabulary, decoded: Decoded, piece: Piece, min_confidence: float) -> Command:
    """The command that was decoded in an utterance.

    Args:
        vocabulary: that was searched.
        decoded: what was found.
        piece: the utterance.
        min_confidence: that a command needs.
    """
    tokens = [vocabulary.tokens[one.token] for one in decoded.spoken]
    planned = vocabulary.phrases[tokens[0].phrase]
    words = _words(decoded, [token.text for token in tokens], piece)
    slots = []
    for part, run in groupby(zip(tokens, words, strict=True), key=lambda pair: pair[0].part):
        filled = _filled(planned.parts[part], [word for _, word in run])
        slots += [filled] if filled else []
    sure = confidence(decoded.evidence)
    return Command(
        utterance=piece.utterance,
        tag=piece.tag,
        accepted=sure >= min_confidence,
        confidence=sure,
        phrase=planned.phrase.value,
        phrase_id=planned.phrase.id,
        phrase_set=planned.phrase_set,
        words=tuple(words),
        slots=tuple(slots),
    )


def _words(decoded: Decoded, texts: Sequence[str], piece: Piece) -> list[Word]:
    frames = [(one.first, one.last) for one in decoded.spoken]
    begin, words = piece.utterance.begin, list[Word]()
    for text, one, span in zip(texts, decoded.spoken, spans(frames, len(piece.samples)), strict=True):
        first, last = span or (0, 0)
        sure = confidence(decoded.evidence._replace(ratio=one.ratio))
        words.append(Word(text, sure, begin + first, begin + last))
    return words


def _filled(part: Part, words: Sequence[Word]) -> Filled | None:
    if part.slot is None:
        return None
    said = tuple(word.text for word in words)
    value = number_of(said) if part.meanings is None else part.meanings[said]
    is_unit = isinstance(part.slot.kind, UnitSlot)
    return Filled(part.slot.name, " ".join(said), value, is_unit, words[0].begin or 0, words[-1].end or 0)
