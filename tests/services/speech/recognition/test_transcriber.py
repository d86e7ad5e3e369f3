from typing import cast

import numpy as np
import pytest

from sensorium_speech.domain import Piece, RecognitionOptions, Recognized, Samples, Token, Transcript, Utterance, Word
from sensorium_speech.phonetics import Aligner
from sensorium_speech.recognition import Recognizer, Transcriber

PIECE = Piece(Utterance(1000, 1003, 0.9), np.array([4, 5, 6], np.int16), 0, np.array([1, 2, 3], np.int16))
HEARD = Recognized((Transcript("a b", 0.5, (Word("a", 0.9), Word("b", 0.8))),), (Token(1, 0.0),))


class Recording:
    """Stands for the recogniser and the aligner, and notes what they were asked."""

    def __init__(self) -> None:
        self.heard: list[tuple[list[int], int]] = []
        self.aligned: list[tuple[list[int], list[str]]] = []

    def check(self, options: RecognitionOptions) -> str:
        return "en"

    async def transcribe(self, samples: Samples, options: RecognitionOptions, **more: object) -> Recognized:
        self.heard.append((samples.tolist(), options.alternatives))
        return HEARD

    async def align(self, samples: Samples, words: list[str]) -> list[tuple[int, int] | None]:
        self.aligned.append((samples.tolist(), words))
        return [(0, 2), None]


@pytest.fixture
def recording() -> Recording:
    return Recording()


@pytest.fixture
def transcriber(recording: Recording) -> Transcriber:
    return Transcriber(cast(Recognizer, recording), cast(Aligner, recording))


async def test_words_are_looked_for_in_the_utterance_and_told_in_the_track(
    recording: Recording, transcriber: Transcriber
) -> None:
    found = await transcriber.transcribe(PIECE, RecognitionOptions())
    assert recording.heard == [([1, 2, 3, 4, 5, 6], 1)]
    assert recording.aligned == [([4, 5, 6], ["a", "b"])]
    assert found.alternatives[0].words == (Word("a", 0.9, 1000, 1002), Word("b", 0.8))
    assert found.tokens == HEARD.tokens


async def test_words_are_not_looked_for_when_nobody_asks(recording: Recording, transcriber: Transcriber) -> None:
    assert await transcriber.transcribe(PIECE, RecognitionOptions(word_times=False)) == HEARD
    assert recording.aligned == []


async def test_an_utterance_under_way_has_one_version(recording: Recording, transcriber: Transcriber) -> None:
    for final in (False, True):
        await transcriber.transcribe(PIECE, RecognitionOptions(alternatives=3), final=final)
    assert [alternatives for _, alternatives in recording.heard] == [1, 3]
