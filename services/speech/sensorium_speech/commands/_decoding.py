"""Which command was said: the likeliest way through a vocabulary, and how it compares with any sequence of phonemes."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sensorium_speech.commands._vocabulary import Vocabulary
from sensorium_speech.ctc import NoPathError, Path, best_path
from sensorium_speech.domain import Floats
from sensorium_speech.phonetics import HeardPhonemes

# Nats that are taken from the blank. The network says it whenever in doubt; lowered, doubtful phonemes count.
_BLANK_COST = 2.0


class Spoken(NamedTuple):
    """A token of the vocabulary.

    Attributes:
        token: its number.
        first, last: frames in which it is heard.
        ratio: its log-likelihood ratio, as in `Evidence`.
    """

    token: int
    first: int
    last: int
    ratio: float


class Evidence(NamedTuple):
    """Means over the frames in which the command or the filler says a phoneme, in nats.

    The filler is the likeliest sequence of any phonemes, so that no command explains the sound better.

    Attributes:
        ratio: log-likelihood ratio of the command and the filler, at most 0.
        worst: the same of the token that fits worst.
        clarity: log-likelihood of the filler: near 0 in clear sound, and less in noise.
    """

    ratio: float
    worst: float
    clarity: float


@dataclass(frozen=True)
class Decoded:
    """The likeliest command.

    Attributes:
        spoken: its tokens in order.
        evidence: how it compares with what was heard.
    """

    spoken: tuple[Spoken, ...]
    evidence: Evidence


def decode(vocabulary: Vocabulary, heard: HeardPhonemes) -> Decoded | None:
    """The command in an utterance; None when it is too short for any.

    Args:
        vocabulary: what can be said.
        heard: in the utterance.
    """
    values = heard.log_probabilities.copy()
    values[:, heard.blank] -= _BLANK_COST
    try:
        path = best_path(vocabulary.graph, values, heard.blank)
    except NoPathError:
        return None
    said = np.full(len(values), heard.blank)
    for step in path.steps:
        said[step.first : step.last + 1] = vocabulary.graph.arcs[step.arc].label
    filler = values.max(axis=1)
    ratios = values[np.arange(len(values)), said] - filler
    active = (said != heard.blank) | (values.argmax(axis=1) != heard.blank)
    spoken = tuple(
        Spoken(token, first, last, _mean(ratios[first : last + 1], active[first : last + 1]))
        for token, first, last in _tokens(vocabulary, path)
    )
    worst = min(one.ratio for one in spoken)
    return Decoded(spoken, Evidence(_mean(ratios, active), worst, _mean(filler, active)))


def _tokens(vocabulary: Vocabulary, path: Path) -> list[tuple[int, int, int]]:
    """The tokens on the way, with their first and last frames."""
    found: list[tuple[int, int, int]] = []
    for step in path.steps:
        owner = vocabulary.graph.arcs[step.arc].owner
        if found and found[-1][0] == owner:
            found[-1] = (owner, found[-1][1], step.last)
        else:
            found.append((owner, step.first, step.last))
    return found


def _mean(values: Floats, active: npt.NDArray[np.bool_]) -> float:
    return float(values[active].sum() / max(1, np.count_nonzero(active)))
