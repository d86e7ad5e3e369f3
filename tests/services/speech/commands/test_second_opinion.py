"""When the recogniser of free speech is asked about a command, and what its answer changes."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest

from sensorium_speech.commands._decoding import Decoded, Evidence, Spoken
from sensorium_speech.commands._second_opinion import SecondOpinion, doubtful
from sensorium_speech.domain import Samples
from sensorium_speech.recognition import Likelihood, TextScorer
from services.speech.commands.test_vocabulary import phrases, vocabulary

MADE = vocabulary(phrases("start", "stop", "step"))
CLEAR, UNCLEAR = Evidence(-0.2, -0.2), Evidence(-3.0, -0.9)
SOUND = np.ones(16_000, np.int16)


class Scorer:
    """Stands for the recogniser: thinks of texts what it is told."""

    def __init__(self, **scores: float) -> None:
        self.scores = scores
        self.asked: list[tuple[int, list[str]]] = []

    async def score(self, samples: Samples, texts: Sequence[str]) -> list[Likelihood]:
        self.asked.append((len(samples), list(texts)))
        return [Likelihood(self.scores[text.strip(".")], self.scores[text.strip(".")] / 2) for text in texts]


def command(word: str, score: float, evidence: Evidence = CLEAR) -> Decoded:
    (token,) = (number for number, token in enumerate(MADE.tokens) if token.text == word)
    return Decoded((Spoken(token, 1, 2, -0.1),), evidence, score)


async def choose(scorer: Scorer, *found: Decoded, samples: Samples = SOUND) -> Decoded:
    return await SecondOpinion(cast(TextScorer, scorer)).choose(MADE, found, samples)


async def test_where_there_is_no_doubt_nobody_is_asked() -> None:
    scorer = Scorer()
    best = command("start", -10.0)
    assert await choose(scorer, best, command("stop", -30.0)) is best
    assert await choose(scorer, best) is best
    assert scorer.asked == []


async def test_both_opinions_count() -> None:
    start, stop, step = command("start", -10.0), command("stop", -12.0), command("step", -16.0)
    scorer = Scorer(Start=-9.0, Stop=-3.0, Step=-2.0)
    chosen = await choose(scorer, start, stop, step)
    assert scorer.asked == [(16_000, ["Start.", "Stop.", "Step."])]
    assert chosen.spoken == stop.spoken
    assert chosen.score == pytest.approx(-15.0)
    assert chosen.evidence == CLEAR._replace(text=-1.5)


async def test_a_text_that_several_commands_have_is_asked_once() -> None:
    scorer = Scorer(Start=-9.0)
    await choose(scorer, command("start", -10.0), command("start", -11.0))
    assert scorer.asked == [(16_000, ["Start."])]


async def test_a_command_that_may_be_none_is_asked_about() -> None:
    scorer = Scorer(Start=-1.0)
    assert doubtful([command("start", -10.0, UNCLEAR)])
    chosen = await choose(scorer, command("start", -10.0, UNCLEAR))
    assert chosen.score == pytest.approx(-11.0)


async def test_what_is_too_long_for_a_command_is_not_asked_about() -> None:
    scorer = Scorer()
    best = command("start", -10.0, UNCLEAR)
    assert await choose(scorer, best, samples=np.ones(11 * 16_000, np.int16)) is best
    assert scorer.asked == []
