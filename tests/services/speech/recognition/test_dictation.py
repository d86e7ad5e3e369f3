import asyncio
from typing import cast

import numpy as np
import pytest

from sensorium_core.errors import UnavailableError
from sensorium_speech.domain import Piece, RecognitionOptions, Recognized, Token, Transcript, Utterance
from sensorium_speech.recognition import Dictation, Transcriber


class Parrot:
    """Says the number of the utterance, and notes what it was given to hear."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, tuple[int, ...]]] = []
        self.running = self.most_running = 0
        self.failures: list[Exception] = []
        self.silent = False
        self.begun: list[tuple[int, ...]] = []
        self.says: list[tuple[int, ...]] = []

    async def transcribe(
        self,
        piece: Piece,
        options: RecognitionOptions,
        *,
        known: tuple[Token, ...] = (),
        begun: tuple[Token, ...] = (),
        final: bool = True,
    ) -> Recognized:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        await asyncio.sleep(0)
        self.running -= 1
        if self.failures:
            raise self.failures.pop()
        if not final:
            self.begun.append(tuple(token.number for token in begun))
            return Recognized((), tuple(Token(number, 0.0) for number in self.says.pop(0)))
        self.heard.append((len(piece.before) / 16_000, tuple(token.number for token in known)))
        number = len(self.heard)
        return Recognized() if self.silent else Recognized((Transcript(str(number), 1.0),), (Token(number, 0.0),))


@pytest.fixture
def parrot() -> Parrot:
    return Parrot()


@pytest.fixture
def dictation(parrot: Parrot) -> Dictation:
    return Dictation(cast(Transcriber, parrot), RecognitionOptions())


def piece(begin: float, end: float, tag: int = 0) -> Piece:
    """An utterance with all the sound that a stream may keep before it."""
    utterance = Utterance(round(begin * 16_000), round(end * 16_000), 0.9)
    kept = min(utterance.begin, Dictation.context)
    return Piece(utterance, np.zeros(utterance.end - utterance.begin, np.int16), tag, np.zeros(kept, np.int16))


async def test_the_first_utterance_is_heard_alone(parrot: Parrot, dictation: Dictation) -> None:
    await dictation.hear(piece(5, 6), final=True)
    assert parrot.heard == [(0, ())]


async def test_an_utterance_is_heard_from_the_begin_of_those_before_it(parrot: Parrot, dictation: Dictation) -> None:
    for begin in (1, 4, 7):
        await dictation.hear(piece(begin, begin + 2), final=True)
    assert parrot.heard == [(0, ()), (3, (1,)), (6, (1, 2))]


async def test_what_is_too_long_ago_is_left_out(parrot: Parrot, dictation: Dictation) -> None:
    for begin in (1, 7, 11, 60):
        await dictation.hear(piece(begin, begin + 2), final=True)
    assert parrot.heard == [(0, ()), (6, (1,)), (4, (2,)), (0, ())]


async def test_what_two_hearings_agree_on_is_not_decoded_again(parrot: Parrot, dictation: Dictation) -> None:
    parrot.says = [(5, 6), (5, 7, 8), (5, 7, 9), (5, 7, 9, 4)]
    for end in (9, 9.5, 10, 10.5):
        await dictation.hear(piece(8, end), final=False)
    assert parrot.begun == [(), (), (5,), (5, 7)]
    await dictation.hear(piece(8, 11), final=True)
    parrot.says = [(5, 6)]
    await dictation.hear(piece(12, 13), final=False)
    assert parrot.begun[-1] == ()


async def test_channels_have_nothing_to_do_with_each_other(parrot: Parrot, dictation: Dictation) -> None:
    await dictation.hear(piece(1, 2, tag=1), final=True)
    await dictation.hear(piece(3, 4, tag=2), final=True)
    await dictation.hear(piece(3, 4, tag=1), final=True)
    assert parrot.heard == [(0, ()), (0, ()), (2, (1,))]


async def test_sound_without_words_ends_the_context(parrot: Parrot, dictation: Dictation) -> None:
    await dictation.hear(piece(1, 2), final=True)
    parrot.silent = True
    await dictation.hear(piece(3, 4), final=True)
    await dictation.hear(piece(5, 6), final=True)
    assert parrot.heard == [(0, ()), (2, (1,)), (0, ())]


async def test_utterances_wait_for_those_before_them(parrot: Parrot, dictation: Dictation) -> None:
    await asyncio.gather(*(dictation.hear(piece(begin, begin + 1), final=True) for begin in (1, 3, 5)))
    assert parrot.heard == [(0, ()), (2, (1,)), (4, (1, 2))]
    assert parrot.most_running == 1


async def test_a_failure_changes_nothing(parrot: Parrot, dictation: Dictation) -> None:
    await dictation.hear(piece(1, 2), final=True)
    parrot.failures = [UnavailableError("away", reason="MODEL_UNAVAILABLE")]
    with pytest.raises(UnavailableError):
        await dictation.hear(piece(3, 4), final=True)
    await dictation.hear(piece(3, 4), final=True)
    assert parrot.heard == [(0, ()), (2, (1,))]


async def test_hours_of_dictation_leave_little_behind(dictation: Dictation) -> None:
    for second in range(0, 10_000, 2):
        await dictation.hear(piece(second, second + 1), final=True)
    assert len(dictation._channels[0]._said) <= 7
