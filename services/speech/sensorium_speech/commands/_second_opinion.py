"""Doubtful commands are looked at again by the recogniser of free speech, which has heard much noise in its training.

It says how likely each of the commands that may have been said is, and both networks are believed: their scores are
added, as hypotheses of a first pass are rescored by a second one (Ostendorf et al. 1991). Where there is no doubt, it
is not asked.
"""

from collections.abc import Sequence
from dataclasses import replace

from sensorium_speech.commands._confidence import confidence
from sensorium_speech.commands._decoding import Decoded
from sensorium_speech.commands._spelling import spelled
from sensorium_speech.commands._vocabulary import Vocabulary
from sensorium_speech.domain import Samples
from sensorium_speech.recognition import Likelihood, TextScorer

# How much a nat of the recogniser counts for, beside one of the phoneme network: from 0.3 to 1.5 as much is right.
_WEIGHT = 1.0
# There is doubt where another command is less than so many nats behind, or the confidence is between these: the phoneme
# network alone is rather sure that a clear "fail again" is "try again".
_CLEAR_LEAD = 8.0
_UNSURE = (0.02, 0.9995)
# Samples of an utterance, and bytes of a command, that are looked at again: no command is longer.
_LONGEST, _LONGEST_TEXT = 160_000, 400


class SecondOpinion:
    """Decides between the commands that may have been said.

    Args:
        scorer: the recogniser of free speech.
    """

    def __init__(self, scorer: TextScorer) -> None:
        self._scorer = scorer

    async def choose(self, vocabulary: Vocabulary, found: Sequence[Decoded], samples: Samples) -> Decoded:
        """The likeliest command.

        Args:
            vocabulary: of the commands.
            found: that may have been said, at least one, the likeliest first.
            samples: `int16[N]`, of the utterance, without its noise.

        Raises:
            SensoriumError: the model does not answer.
        """
        if len(samples) > _LONGEST or not doubtful(found):
            return found[0]
        texts = [spelled(vocabulary, [spoken.token for spoken in one.spoken]) for one in found]
        if max(len(text.encode()) for text in texts) > _LONGEST_TEXT:
            return found[0]
        wanted = list(dict.fromkeys(texts))
        scores = dict(zip(wanted, await self._scorer.score(samples, wanted), strict=True))
        heard = [_with_text(one, scores[text]) for one, text in zip(found, texts, strict=True)]
        return max(heard, key=lambda one: one.score)


def doubtful(found: Sequence[Decoded]) -> bool:
    """Whether the likeliest command may be another one, or none at all."""
    low, high = _UNSURE
    lead = found[0].score - found[1].score if len(found) > 1 else _CLEAR_LEAD
    return lead < _CLEAR_LEAD or low < confidence(found[0].evidence) < high


def _with_text(one: Decoded, text: Likelihood) -> Decoded:
    """A command with what the recogniser thinks of its text."""
    evidence = one.evidence._replace(text=text.mean)
    return replace(one, evidence=evidence, score=one.score + _WEIGHT * text.total)
