from typing import cast

import numpy as np
import pytest

from sensorium_speech.domain import Piece, RecognitionOptions, Recognized, Samples, Token, Transcript, Utterance, Word
from sensorium_speech.models import DEFAULT, Transcribing
from sensorium_speech.phonetics import Aligner
from sensorium_speech.recognition import Recognizer, Transcriber
from services.speech.recognition.transcribing import transcribing

PIECE = Piece(Utterance(1000, 1003, 0.9), np.array([4, 5, 6], np.int16), 0, np.array([1, 2, 3], np.int16))
HEARD = Recognized((Transcript("a b", 0.5, (Word("a", 0.9), Word("b", 0.8))),), (Token(1, 0.0),))
TIMED = Recognized((Transcript("a b", 0.5, (Word("a", 0.9, 0, 1), Word("b", 0.8, 2, 3))),), (Token(1, 0.0),))
KNOWN, BEGUN = (Token(7, 0.0),), (Token(8, 0.0),)
CHINESE = transcribing(languages=("zh",))
CTC = transcribing(inputs=("pcm", "lengths"), outputs=("tokens", "begins", "ends"))
NARROW = transcribing(longest=5)


class Recording:
    """Stands for the recogniser and the aligner, and notes what they were asked."""

    def __init__(self) -> None:
        self.heard: list[tuple[list[int], int]] = []
        self.prefixes: list[tuple[object, object]] = []
        self.aligned: list[tuple[list[int], list[str]]] = []
        self.chosen, self.answer = DEFAULT, HEARD

    def check(self, options: RecognitionOptions) -> str:
        return "en"

    def model(self, options: RecognitionOptions) -> Transcribing:
        return self.chosen

    async def transcribe(self, samples: Samples, options: RecognitionOptions, **more: object) -> Recognized:
        self.heard.append((samples.tolist(), options.alternatives))
        self.prefixes.append((more["known"], more["begun"]))
        return self.answer

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


async def test_what_is_known_is_handed_on(recording: Recording, transcriber: Transcriber) -> None:
    await transcriber.transcribe(PIECE, RecognitionOptions(), known=KNOWN, begun=BEGUN)
    assert recording.prefixes == [(KNOWN, BEGUN)]


async def test_a_model_that_cannot_go_on_hears_the_utterance_alone(
    recording: Recording, transcriber: Transcriber
) -> None:
    recording.chosen = CTC
    await transcriber.transcribe(PIECE, RecognitionOptions(), known=KNOWN, begun=BEGUN)
    assert recording.heard == [([4, 5, 6], 1)]
    assert recording.prefixes == [((), ())]


async def test_what_is_too_long_with_the_sound_before_is_heard_without(
    recording: Recording, transcriber: Transcriber
) -> None:
    recording.chosen = NARROW
    await transcriber.transcribe(PIECE, RecognitionOptions(), known=KNOWN, begun=BEGUN)
    assert recording.heard == [([4, 5, 6], 1)]
    assert recording.prefixes == [((), BEGUN)]


async def test_a_model_that_knows_times_is_believed(recording: Recording, transcriber: Transcriber) -> None:
    recording.chosen, recording.answer = CTC, TIMED
    found = await transcriber.transcribe(PIECE, RecognitionOptions())
    assert found.alternatives[0].words == (Word("a", 0.9, 1000, 1001), Word("b", 0.8, 1002, 1003))
    found = await transcriber.transcribe(PIECE, RecognitionOptions(word_times=False))
    assert found.alternatives[0].words == HEARD.alternatives[0].words
    assert recording.aligned == []


async def test_words_that_nobody_can_pronounce_here_have_no_times(
    recording: Recording, transcriber: Transcriber
) -> None:
    recording.chosen = CHINESE
    assert (await transcriber.transcribe(PIECE, RecognitionOptions())).alternatives == HEARD.alternatives
    assert recording.aligned == []
    recording.chosen = transcribing(languages=("zh", "en"))
    await transcriber.transcribe(PIECE, RecognitionOptions(language="en-GB"))
    assert recording.aligned == [([4, 5, 6], ["a", "b"])]
