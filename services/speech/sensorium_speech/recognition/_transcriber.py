"""Utterances to transcripts whose words have times."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sensorium_core.concurrency import together
from sensorium_speech.domain import Piece, RecognitionOptions, Recognized, Token, Transcript
from sensorium_speech.phonetics import Aligner
from sensorium_speech.recognition._recognizer import Recognizer


class Transcriber:
    """Writes utterances down, of recordings and of streams.

    Args:
        recognizer: gives the text.
        aligner: finds its words in the sound.
    """

    def __init__(self, recognizer: Recognizer, aligner: Aligner) -> None:
        self._recognizer = recognizer
        self._aligner = aligner

    def check(self, options: RecognitionOptions) -> str:
        """Refuses options that ask for what is not there; gives the language.

        Raises:
            SensoriumError: as told of `RecognitionConfig` in the contract.
        """
        return self._recognizer.check(options)

    async def transcribe(
        self,
        piece: Piece,
        options: RecognitionOptions,
        *,
        known: Sequence[Token] = (),
        begun: Sequence[Token] = (),
        final: bool = True,
    ) -> Recognized:
        """What is said in an utterance.

        Args:
            piece: the utterance; `before` is heard with it.
            options: that `check` has passed.
            known: what is said in `before`.
            begun: what the utterance is known to begin with.
            final: whether the utterance has ended.

        Raises:
            SensoriumError: a model does not answer.
        """
        wanted = options if final else replace(options, alternatives=1)
        samples = np.concatenate([piece.before, piece.samples])
        found = await self._recognizer.transcribe(samples, wanted, known=known, begun=begun)
        if not options.word_times:
            return found
        timed = await together(*(self._timed(piece, one) for one in found.alternatives))
        return replace(found, alternatives=timed)

    async def _timed(self, piece: Piece, transcript: Transcript) -> Transcript:
        spans = await self._aligner.align(piece.samples, [word.text for word in transcript.words])
        begin = piece.utterance.begin
        words = [
            word if span is None else replace(word, begin=begin + span[0], end=begin + span[1])
            for word, span in zip(transcript.words, spans, strict=True)
        ]
        return replace(transcript, words=tuple(words))
