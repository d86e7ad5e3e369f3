"""Which command was said: the likeliest ways through a vocabulary, compared with any sequence of phonemes."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sensorium_speech.commands._alternatives import graph_of, likeliest
from sensorium_speech.commands._vocabulary import Vocabulary
from sensorium_speech.ctc import Graph, Lattice, NoPathError, Path, best_path, best_paths
from sensorium_speech.domain import Floats
from sensorium_speech.phonetics import HeardPhonemes

# Nats that are taken from the blank. The network says it whenever in doubt; lowered, doubtful phonemes count.
_BLANK_COST = 2.0
# Nats by which what was said may stay behind the likeliest command, how many commands are looked at, and the frames of
# 20 ms that an utterance may have for it. With 12 nats and 24 commands 2 of 100 utterances less are right at 0 dB.
_WITHIN, _MOST, _LONGEST = 20.0, 64, 500


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
        text: mean log-probability of its text's tokens, as the recogniser of free speech has them; None where that was
            not asked.
    """

    ratio: float
    clarity: float
    text: float | None = None


@dataclass(frozen=True)
class Decoded:
    """A command that may have been said.

    Attributes:
        spoken: its tokens in order.
        evidence: how it compares with what was heard.
        score: logarithm of its likelihood, by which commands are compared.
    """

    spoken: tuple[Spoken, ...]
    evidence: Evidence
    score: float


def decode(vocabulary: Vocabulary, heard: HeardPhonemes) -> list[Decoded]:
    """The commands that may have been said in an utterance, the likeliest first; none when it is too short for any.

    Of a long utterance only the likeliest is given.

    Args:
        vocabulary: what can be said.
        heard: in the utterance.
    """
    values = heard.log_probabilities.copy()
    values[:, heard.blank] -= _BLANK_COST
    try:
        if len(values) > _LONGEST:
            return [_decoded(vocabulary.graph, values, heard.blank, best_path(vocabulary.graph, values, heard.blank))]
        return _alternatives(vocabulary, values, heard.blank)
    except NoPathError:
        return []


def _alternatives(vocabulary: Vocabulary, values: Floats, blank: int) -> list[Decoded]:
    lattice = Lattice(vocabulary.graph, values, blank)
    best = _decoded(vocabulary.graph, values, blank, lattice.best_path())
    others = likeliest(vocabulary, lattice.margins(), _WITHIN, _MOST)
    if len(others) == 1:
        return [best]
    graph, _ = graph_of(vocabulary, others)
    found = [_decoded(graph, values, blank, path) for path in best_paths(graph, values, blank).values()]
    return sorted(found, key=lambda one: -one.score)


def _decoded(graph: Graph, values: Floats, blank: int, path: Path) -> Decoded:
    said = np.full(len(values), blank)
    for step in path.steps:
        said[step.first : step.last + 1] = graph.arcs[step.arc].label
    filler = values.max(axis=1)
    ratios = values[np.arange(len(values)), said] - filler
    active = (said != blank) | (values.argmax(axis=1) != blank)
    clarity = float(filler[active].sum() / max(1, np.count_nonzero(active)))
    spoken = tuple(
        Spoken(token, first, last, float(ratios[first : last + 1].sum()) / phonemes)
        for token, first, last, phonemes in _tokens(graph, path)
    )
    return Decoded(spoken, Evidence(float(ratios.sum()) / len(path.steps), clarity), path.score)


def _tokens(graph: Graph, path: Path) -> list[tuple[int, int, int, int]]:
    """The tokens on the way, with their first and last frames and their number of phonemes."""
    found: list[tuple[int, int, int, int]] = []
    for step in path.steps:
        owner = graph.arcs[step.arc].owner
        if found and found[-1][0] == owner:
            found[-1] = (owner, found[-1][1], step.last, found[-1][3] + 1)
        else:
            found.append((owner, step.first, step.last, 1))
    return found
