"""Utterances to transcripts whose words have times."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sensorium_core.concurrency import together
from sensorium_speech.domain import Piece, RecognitionOptions, Recognized, Token, Transcript, Word
from sensorium_speech.models import HAMA_G2P, LANGUAGES, Transcribing, primary
from sensorium_speech.phonetics import Aligner, Span
from sensorium_speech.recognition._recognizer import Recognizer

# Languages whose words can be pronounced, and so be found in the sound.
_PRONOUNCED = LANGUAGES[HAMA_G2P.name]


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
            piece: the utterance; `before` is heard with it, where the model can go on from what is known.
            options: that `check` has passed.
            known: what is said in `before`.
            begun: what the utterance is known to begin with.
            final: whether the utterance has ended.

        Raises:
            SensoriumError: a model does not answer.
        """
        wanted = options if final else replace(options, alternatives=1)
        model = self._recognizer.model(options)
        goes_on = model.takes("prefix")
        if not goes_on or len(piece.before) + len(piece.samples) > model.longest:
            piece, known = replace(piece, before=piece.before[:0]), ()
        samples = np.concatenate([piece.before, piece.samples])
        begun = begun if goes_on else ()
        found = await self._recognizer.transcribe(samples, wanted, known=known, begun=begun)
        timed = await together(*(self._timed(piece, one, model, options) for one in found.alternatives))
        return replace(found, alternatives=timed)

    async def _timed(
        self, piece: Piece, transcript: Transcript, model: Transcribing, options: RecognitionOptions
    ) -> Transcript:
        spans: Sequence[Span | None] = [_span(word) for word in transcript.words]
        if not options.word_times:
            spans = [None] * len(spans)
        elif not model.knows_times and primary(options.language or model.languages[0]) in _PRONOUNCED:
            spans = await self._aligner.align(piece.samples, [word.text for word in transcript.words])
        return _with_times(transcript, spans, piece.utterance.begin)


def _with_times(transcript: Transcript, spans: Sequence[Span | None], begin: int) -> Transcript:
    words = [
        replace(word, begin=None, end=None)
        if span is None
        else replace(word, begin=begin + span[0], end=begin + span[1])
        for word, span in zip(transcript.words, spans, strict=True)
    ]
    return replace(transcript, words=tuple(words))


def _span(word: Word) -> Span | None:
    return None if word.begin is None or word.end is None else (word.begin, word.end)
