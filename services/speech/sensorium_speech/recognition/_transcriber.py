"""Utterances to transcripts whose words have times."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sensorium_speech.domain import Piece, RecognitionOptions, Recognized
from sensorium_speech.recognition._recognizer import Recognizer


class Transcriber:
    """Writes utterances down, of recordings and of streams."""

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer

    def check(self, options: RecognitionOptions) -> str:
        """Refuses options that ask for what is not there; gives the language.

        Raises:
            SensoriumError: as told of `RecognitionConfig` in the contract.
        """
        return self._recognizer.check(options)

    async def transcribe(
        self, piece: Piece, options: RecognitionOptions, *, known: Sequence[int] = (), final: bool = True
    ) -> Recognized:
        """What is said in an utterance.

        Args:
            piece: the utterance; `before` is heard with it.
            options: that `check` has passed.
            known: tokens of what is said in `before`.
            final: whether the utterance has ended.

        Raises:
            SensoriumError: a model does not answer.
        """
        wanted = options if final else replace(options, alternatives=1)
        samples = np.concatenate([piece.before, piece.samples])
        return await self._recognizer.transcribe(samples, wanted, known)
