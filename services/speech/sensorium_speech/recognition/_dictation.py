"""Utterances of a stream, each heard in the context of those before it.

A recogniser that was trained on whole sentences hears a short utterance better behind what was said before. So the
sound of the last utterances is heard again with each new one, and their tokens are given as the beginning of its text.
"""

import asyncio
from collections import deque
from typing import NamedTuple

from sensorium_speech.domain import SAMPLE_RATE, Piece, RecognitionOptions, Recognized, Utterance
from sensorium_speech.recognition._transcriber import Transcriber

# How far back, in seconds, an utterance is heard: an ended one, and one under way, which is heard more often.
_CONTEXT = 12.0
_INTERIM_CONTEXT = 6.0


class _Said(NamedTuple):
    begin: int
    tokens: tuple[int, ...]


class _Channel:
    """What was said lately in one channel. Its utterances are heard one after the other."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self._said: deque[_Said] = deque()

    def remember(self, utterance: Utterance, tokens: tuple[int, ...]) -> None:
        """Notes an utterance that has ended. One without words may be heard as words next time: it ends the context."""
        if not tokens:
            self._said.clear()
            return
        self._said.append(_Said(utterance.begin, tokens))
        self._said = deque(one for one in self._said if utterance.end - one.begin <= _CONTEXT * SAMPLE_RATE)

    def context(self, piece: Piece, seconds: float) -> tuple[Piece, tuple[int, ...]]:
        """The utterance with the sound of those before it that are near enough, and their tokens."""
        begin = piece.utterance.begin
        oldest = begin - min(round(seconds * SAMPLE_RATE), len(piece.before))
        near = [one for one in self._said if one.begin >= oldest]
        if not near:
            return Piece(piece.utterance, piece.samples, piece.tag), ()
        before = piece.before[len(piece.before) - (begin - near[0].begin) :]
        return Piece(piece.utterance, piece.samples, piece.tag, before), tuple(
            token for one in near for token in one.tokens
        )


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
            heard, known = channel.context(piece, _CONTEXT if final else _INTERIM_CONTEXT)
            found = await self._transcriber.transcribe(heard, self._options, known=known, final=final)
            if final:
                channel.remember(piece.utterance, found.tokens)
            return found
