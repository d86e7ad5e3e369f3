"""Which command was said: the likeliest way through a vocabulary, and how it compares with any sequence of phonemes."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sensorium_speech.commands._vocabulary import Vocabulary
from sensorium_speech.ctc import NoPathError, Path, best_path
from sensorium_speech.phonetics import HeardPhonemes

# Nats that are taken from the blank. The network says it whenever in doubt; lowered, doubtful phonemes count.
_BLANK_COST = 2.0


class Spoken(NamedTuple):
    """A token of the vocabulary.

    Attributes:
        token: its number.
        first, last: frames in which it is heard.
        ratio: its log-likelihood ratio by its phonemes, as in `Evidence`.
    """

    token: int
    first: int
    last: int
    ratio: float


class Evidence(NamedTuple):
    """How well a command explains what was heard, against the filler: the likeliest sequence of any phonemes.

    Attributes:
        ratio: log-likelihood ratio of the command and the filler by phonemes of the command, in nats, at most 0.
        clarity: mean log-likelihood of the filler where it or the command says a phoneme: near 0 in clear sound, and
            less in noise.
    """

    ratio: float
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
    clarity = float(filler[active].sum() / max(1, np.count_nonzero(active)))
    spoken = tuple(
        Spoken(token, first, last, float(ratios[first : last + 1].sum()) / phonemes)
        for token, first, last, phonemes in _tokens(vocabulary, path)
    )
    return Decoded(spoken, Evidence(float(ratios.sum()) / len(path.steps), clarity))


def _tokens(vocabulary: Vocabulary, path: Path) -> list[tuple[int, int, int, int]]:
    """The tokens on the way, with their first and last frames and their number of phonemes."""
    found: list[tuple[int, int, int, int]] = []
    for step in path.steps:
        owner = vocabulary.graph.arcs[step.arc].owner
        if found and found[-1][0] == owner:
            found[-1] = (owner, found[-1][1], step.last, found[-1][3] + 1)
        else:
            found.append((owner, step.first, step.last, 1))
    return found
