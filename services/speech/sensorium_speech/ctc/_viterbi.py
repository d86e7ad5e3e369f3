"""The likeliest way through a graph of phonemes (Viterbi 1967), with the blanks of CTC between them.

A node is where the network says blank; an arc is where it says a phoneme, for one frame or more. From an arc the way
goes on to the node behind it or straight to an arc from there, unless that has the same phoneme: a phoneme said twice
needs a blank in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sensorium_speech.ctc._graph import Graph, Indices
from sensorium_speech.domain import Floats

_NEVER = np.float32(-1e30)


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
    paths = best_paths(graph, log_probabilities, blank)
    if not paths:
        raise NoPathError
    return max(paths.values(), key=lambda path: path.score)


def best_paths(graph: Graph, log_probabilities: Floats, blank: int) -> dict[int, Path]:
    """The likeliest way to each node at which an utterance may end, without those that nothing so short leads to.

    Args:
        graph: what may be said.
        log_probabilities: `float32[T,L]`, of each label in each frame.
        blank: the label between phonemes.
    """
    search = _Search(graph, log_probabilities, blank)
    back: Indices = np.zeros((len(log_probabilities), len(graph.arcs) + graph.nodes), np.int32)
    for frame, row in enumerate(back):
        row[:] = search.advance(frame)
    return {last: Path(_trace(back, state, len(graph.arcs)), score) for last, (state, score) in search.ends().items()}


class Lattice:
    """All ways through a graph for one utterance: the likeliest, and how far the others stay behind it.

    Args:
        graph: what may be said.
        log_probabilities: `float32[T,L]`, of each label in each frame; memory grows with T times the arcs.
        blank: the label between phonemes.
    """

    def __init__(self, graph: Graph, log_probabilities: Floats, blank: int) -> None:
        self._graph, self._log_probabilities, self._blank = graph, log_probabilities, blank
        search = _Search(graph, log_probabilities, blank)
        self._back: Indices = np.zeros((len(log_probabilities), len(graph.arcs) + graph.nodes), np.int32)
        self._reached: Floats = np.zeros((len(log_probabilities), len(graph.arcs)), np.float32)
        for frame, row in enumerate(self._back):
            row[:] = search.advance(frame)
            self._reached[frame] = search.arcs
        self._ends = search.ends()

    def best_path(self) -> Path:
        """The likeliest way.

        Raises:
            NoPathError: no way has few enough phonemes.
        """
        if not self._ends:
            raise NoPathError
        state, score = max(self._ends.values(), key=lambda end: end[1])
        return Path(_trace(self._back, state, len(self._graph.arcs)), score)

    def margins(self) -> Floats:
        """How much less likely the likeliest way through each arc is than the likeliest of all.

        A search backwards meets the one forwards in each frame (Sixtus and Ortmanns 1999).

        Returns:
            `float32[A]`, at most 0, in nats; -1e30 or so where no way has few enough phonemes.
        """
        reverse, places = self._graph.backwards
        search = _Search(reverse, self._log_probabilities, self._blank)
        best = np.full(len(places), 2 * _NEVER, np.float32)
        for frame in range(len(self._reached) - 1, -1, -1):
            search.advance(frame)
            through = self._reached[frame, places] + search.arcs - self._log_probabilities[frame, reverse.labels]
            best = np.maximum(best, through)
        found = np.empty_like(best)
        found[places] = np.minimum(best - best.max(initial=2 * _NEVER), 0.0)
        return found


class _Search:
    def __init__(self, graph: Graph, log_probabilities: Floats, blank: int) -> None:
        self._graph = graph
        self._log_probabilities = log_probabilities
        self._blank = log_probabilities[:, blank]
        self.arcs: Floats = np.full(len(graph.arcs), _NEVER, np.float32)
        self._nodes: Floats = np.full(graph.nodes, _NEVER, np.float32)
        self._nodes[graph.firsts] = 0.0
        self._frames = 0
        self._all_arcs = np.arange(len(graph.arcs), dtype=np.int32)
        self._all_nodes = np.arange(graph.nodes, dtype=np.int32) + len(graph.arcs)

    def advance(self, frame: int) -> Indices:
        """Takes another frame; gives the states from which each one is reached best, `int32[S]`."""
        best, best_arc, best_label, other, other_arc = self._endings()
        graph, count = self._graph, len(self.arcs)
        sources = graph.sources
        # Into an arc: from itself, from the blank before it, or straight from an arc with another phoneme.
        same = best_label[sources] == graph.labels
        straight = np.where(same, other[sources], best[sources])
        straight_arc = np.where(same, other_arc[sources], best_arc[sources])
        paused = self._nodes[sources]
        arcs, back = np.maximum(self.arcs, paused), np.where(self.arcs >= paused, self._all_arcs, sources + count)
        back = np.where(arcs >= straight, back, straight_arc)
        # Into a blank: from itself, or from an arc that ends there.
        stay = self._nodes >= best
        self.arcs = np.maximum(arcs, straight) + self._log_probabilities[frame, graph.labels]
        self._nodes = np.maximum(self._nodes, best) + self._blank[frame]
        self._frames += 1
        return np.concatenate([back, np.where(stay, self._all_nodes, best_arc)])

    def ends(self) -> dict[int, tuple[int, float]]:
        """The best state at each last node that has been reached, and its score."""
        found: dict[int, tuple[int, float]] = {}
        best, best_arc, *_ = self._endings()
        for last in self._graph.lasts.tolist() if self._frames else ():
            paused, score = float(self._nodes[last]), max(float(self._nodes[last]), float(best[last]))
            if score > _NEVER / 2:
                found[last] = (len(self.arcs) + last if paused == score else int(best_arc[last]), score)
        return found

    def _endings(self) -> tuple[Floats, Indices, Indices, Floats, Indices]:
        """For each node the best arc that ends there, its phoneme, and the best one with another phoneme."""
        graph = self._graph
        by_group = np.maximum.reduceat(self.arcs, graph.group_starts)
        first, group = _maximum(by_group, graph.entered_starts)
        rest = by_group.copy()
        rest[group] = _NEVER
        second, other = _maximum(rest, graph.entered_starts)
        best, rival = (np.full(graph.nodes, _NEVER, np.float32) for _ in range(2))
        best_arc, rival_arc, label = (np.full(graph.nodes, -1, np.int32) for _ in range(3))
        best[graph.entered], rival[graph.entered] = first, second
        label[graph.entered] = graph.group_labels[group]
        arc_of_group = _maximum(self.arcs, graph.group_starts)[1]
        best_arc[graph.entered], rival_arc[graph.entered] = arc_of_group[group], arc_of_group[other]
        return best, best_arc, label, rival, rival_arc


def _trace(back: Indices, state: int, count: int) -> list[Step]:
    """The arcs on the way to a state; the first `count` states are arcs."""
    steps = list[Step]()
    for frame in range(len(back) - 1, -1, -1):
        before = int(back[frame, state])
        if state < count:
            if steps and steps[-1].arc == state and steps[-1].first == frame + 1:
                steps[-1] = Step(state, frame, steps[-1].last)
            else:
                steps.append(Step(state, frame, frame))
        state = before
    return steps[::-1]


def _maximum(values: Floats, starts: Indices) -> tuple[Floats, Indices]:
    """The largest value of each segment, and where it is."""
    largest = np.maximum.reduceat(values, starts)
    lengths = np.diff(np.append(starts, len(values)))
    places = np.where(values == np.repeat(largest, lengths), np.arange(len(values)), len(values))
    return largest, np.minimum.reduceat(places, starts).astype(np.int32)
