"""The likeliest way through a graph of phonemes (Viterbi 1967), with the blanks of CTC between them.

A node is where the network says blank; an arc is where it says a phoneme, for one frame or more. From an arc the way
goes on to the node behind it or straight to an arc from there, unless that has the same phoneme: a phoneme said twice
needs a blank in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sensorium_speech.ctc._graph import Graph, Indices
from sensorium_speech.domain import Floats

_NEVER = np.float32(-1e30)
_BACK = npt.NDArray[np.int32]


class NoPathError(Exception):
    """The sound is too short for anything the graph says."""


class Step(NamedTuple):
    """An arc on the way, heard in the frames from `first` to `last`."""

    arc: int
    first: int
    last: int


@dataclass(frozen=True)
class Path:
    """The likeliest way: its arcs in order, and the logarithm of its likelihood."""

    steps: Sequence[Step]
    score: float


def best_path(graph: Graph, log_probabilities: Floats, blank: int) -> Path:
    """Finds it.

    Args:
        graph: what may be said; states are numbered arcs first, then nodes.
        log_probabilities: `float32[T,L]`, of each label in each frame.
        blank: the label between phonemes.

    Raises:
        NoPathError: no way has few enough phonemes.
    """
    search = _Search(graph, log_probabilities, blank)
    for frame in range(len(log_probabilities)):
        search.advance(frame)
    return search.path()


class _Search:
    def __init__(self, graph: Graph, log_probabilities: Floats, blank: int) -> None:
        self._graph = graph
        self._emitted = log_probabilities[:, graph.labels]
        self._blank = log_probabilities[:, blank]
        self._arcs = np.full(len(graph.arcs), _NEVER, np.float32)
        self._nodes = np.full(graph.nodes, _NEVER, np.float32)
        self._nodes[0] = 0.0
        self._back: _BACK = np.zeros((len(log_probabilities), len(self._arcs) + graph.nodes), np.int32)
        self._all_arcs = np.arange(len(graph.arcs), dtype=np.int32)
        self._all_nodes = np.arange(graph.nodes, dtype=np.int32) + len(graph.arcs)

    def advance(self, frame: int) -> None:
        """Takes one frame further."""
        best, best_arc, best_label, other, other_arc = self._endings()
        graph, count = self._graph, len(self._arcs)
        sources = graph.sources
        # Into an arc: from itself, from the blank before it, or straight from an arc with another phoneme.
        same = best_label[sources] == graph.labels
        straight = np.where(same, other[sources], best[sources])
        straight_arc = np.where(same, other_arc[sources], best_arc[sources])
        paused = self._nodes[sources]
        arcs, back = np.maximum(self._arcs, paused), np.where(self._arcs >= paused, self._all_arcs, sources + count)
        back = np.where(arcs >= straight, back, straight_arc)
        # Into a blank: from itself, or from an arc that ends there.
        stay = self._nodes >= best
        self._back[frame, :count] = back
        self._back[frame, count:] = np.where(stay, self._all_nodes, best_arc)
        self._arcs = np.maximum(arcs, straight) + self._emitted[frame]
        self._nodes = np.maximum(self._nodes, best) + self._blank[frame]

    def path(self) -> Path:
        """The way that ends best."""
        lasts, count = self._graph.lasts, len(self._arcs)
        best, best_arc, *_ = self._endings()
        scores = np.maximum(self._nodes[lasts], best[lasts])
        if not len(self._back) or scores.max(initial=_NEVER) <= _NEVER / 2:
            raise NoPathError
        last = int(lasts[scores.argmax()])
        state = count + last if self._nodes[last] >= best[last] else int(best_arc[last])
        return Path(self._trace(state), float(scores.max()))

    def _trace(self, state: int) -> list[Step]:
        count, steps = len(self._arcs), list[Step]()
        for frame in range(len(self._back) - 1, -1, -1):
            before = int(self._back[frame, state])
            if state < count:
                if steps and steps[-1].arc == state and steps[-1].first == frame + 1:
                    steps[-1] = Step(state, frame, steps[-1].last)
                else:
                    steps.append(Step(state, frame, frame))
            state = before
        return steps[::-1]

    def _endings(self) -> tuple[Floats, Indices, Indices, Floats, Indices]:
        """For each node the best arc that ends there, its phoneme, and the best one with another phoneme."""
        graph = self._graph
        by_group = np.maximum.reduceat(self._arcs, graph.group_starts)
        first, group = _maximum(by_group, graph.entered_starts)
        rest = by_group.copy()
        rest[group] = _NEVER
        second, other = _maximum(rest, graph.entered_starts)
        best, rival = (np.full(graph.nodes, _NEVER, np.float32) for _ in range(2))
        best_arc, rival_arc, label = (np.full(graph.nodes, -1, np.int32) for _ in range(3))
        best[graph.entered], rival[graph.entered] = first, second
        label[graph.entered] = graph.group_labels[group]
        arc_of_group = _maximum(self._arcs, graph.group_starts)[1]
        best_arc[graph.entered], rival_arc[graph.entered] = arc_of_group[group], arc_of_group[other]
        return best, best_arc, label, rival, rival_arc


def _maximum(values: Floats, starts: Indices) -> tuple[Floats, Indices]:
    """The largest value of each segment, and where it is."""
    largest = np.maximum.reduceat(values, starts)
    lengths = np.diff(np.append(starts, len(values)))
    places = np.where(values == np.repeat(largest, lengths), np.arange(len(values)), len(values))
    return largest, np.minimum.reduceat(places, starts).astype(np.int32)
