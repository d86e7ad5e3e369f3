"""Utterances of a stream, each heard in the context of those before it.

A recogniser that was trained on whole sentences hears a short utterance better behind what was said before. So the
sound of the last utterances is heard again with each new one, and their tokens are given as the beginning of its text.
While an utterance lasts it is heard again and again; what two hearings in a row agree on is not decoded a third time
(local agreement: Liu et al. 2020).
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from sensorium_speech.domain import SAMPLE_RATE, Piece, RecognitionOptions, Recognized, Token, Utterance
from sensorium_speech.recognition._transcriber import Transcriber

# How far back, in seconds, an utterance that has ended is heard. One under way is heard alone, because that is often.
_CONTEXT = 8.0

Tokens = tuple[Token, ...]


class _Said(NamedTuple):
    begin: int
    tokens: Tokens


class _Channel:
    """What was said lately in one channel. Its utterances are heard one after the other."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self._said: deque[_Said] = deque()
        self._hypothesis = _Said(-1, ())
        self._agreed: Tokens = ()

    def remember(self, utterance: Utterance, tokens: Tokens) -> None:
        """Notes an utterance that has ended. One without words may be heard as words next time: it ends the context."""
        if not tokens:
            self._said.clear()
            return
        self._said.append(_Said(utterance.begin, tokens))
        self._said = deque(one for one in self._said if utterance.end - one.begin <= _CONTEXT * SAMPLE_RATE)

    def context(self, piece: Piece) -> tuple[Piece, Tokens]:
        """The utterance with the sound of those before it that are near enough, and their tokens."""
        begin = piece.utterance.begin
        oldest = begin - min(round(_CONTEXT * SAMPLE_RATE), len(piece.before))
        near = [one for one in self._said if one.begin >= oldest]
        if not near:
            return alone(piece), ()
        before = piece.before[len(piece.before) - (begin - near[0].begin) :]
        heard = Piece(piece.utterance, piece.samples, piece.tag, before)
        return heard, tuple(token for one in near for token in one.tokens)

    def agreed(self, utterance: Utterance) -> Tokens:
        """What an utterance under way is known to begin with."""
        return self._agreed if utterance.begin == self._hypothesis.begin else ()

    def suppose(self, utterance: Utterance, tokens: Tokens) -> None:
        """Notes what was heard of an utterance under way."""
        before = self._hypothesis.tokens if utterance.begin == self._hypothesis.begin else ()
        self._agreed = tokens[: _common(before, tokens)]
        self._hypothesis = _Said(utterance.begin, tokens)


class Dictation:
    """Hears the utterances of one stream.

    Args:
        transcriber: writes them down.
        options: that it has checked.
    """

    context = round(_CONTEXT * SAMPLE_RATE)

    def __init__(self, transcriber: Transcriber, options: RecognitionOptions) -> None:
        self._transcriber = transcriber
        self._options = options
        self._channels: dict[int, _Channel] = {}

    async def hear(self, piece: Piece, *, final: bool) -> Recognized:
        """What is said in an utterance, or in what there is of it.

        Raises:
            SensoriumError: a model does not answer.
        """
        channel = self._channels.setdefault(piece.tag, _Channel())
        async with channel.turn:
            if final:
                heard, known = channel.context(piece)
                found = await self._transcriber.transcribe(heard, self._options, known=known)
                channel.remember(piece.utterance, found.tokens)
                return found
            begun = channel.agreed(piece.utterance)
            found = await self._transcriber.transcribe(alone(piece), self._options, begun=begun, final=False)
            channel.suppose(piece.utterance, found.tokens)
            return found


def alone(piece: Piece) -> Piece:
    """An utterance without the sound before it."""
    return Piece(piece.utterance, piece.samples, piece.tag)


def _common(first: Sequence[Token], second: Sequence[Token]) -> int:
    """How many tokens two texts begin with alike."""
    pairs = zip(first, second, strict=False)
    return next((i for i, (one, other) in enumerate(pairs) if one.number != other.number), min(len(first), len(second)))
