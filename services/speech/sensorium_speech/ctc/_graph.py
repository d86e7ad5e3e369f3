"""What may be said, as a graph of phonemes: each way from the first node to a last one is an utterance."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int32]


class Arc(NamedTuple):
    """A phoneme between two nodes; `owner` says what it is part of, such as a word's number."""

    source: int
    target: int
    label: int
    owner: int


@dataclass(frozen=True)
class Graph:
    """A graph ready to be searched.

    Attributes:
        arcs: in the order of their targets, and among those of one target in that of their labels.
        nodes: how many there are.
        lasts: nodes at which an utterance may end.
        firsts: nodes at which one may begin.
    """

    arcs: tuple[Arc, ...]
    nodes: int
    lasts: Indices
    firsts: Indices = field(default_factory=lambda: np.zeros(1, np.int32))

    @cached_property
    def sources(self) -> Indices:
        """The node that each arc begins at, `int32[A]`."""
        return _column(self.arcs, 0)

    @cached_property
    def labels(self) -> Indices:
        """The phoneme of each arc, `int32[A]`."""
        return _column(self.arcs, 2)

    @cached_property
    def backwards(self) -> tuple["Graph", Indices]:
        """The graph of the same utterances from end to beginning, and where its arcs are in this one, `int32[A]`."""
        order = sorted(range(len(self.arcs)), key=lambda place: (self.arcs[place].source, self.arcs[place].label))
        arcs = tuple(Arc(arc.target, arc.source, arc.label, arc.owner) for arc in map(self.arcs.__getitem__, order))
        return Graph(arcs, self.nodes, self.firsts, self.lasts), np.array(order, np.int32)

    @cached_property
    def group_starts(self) -> Indices:
        """The first arc of each group `int32[G]`: arcs of one target and label."""
        keys = [(arc.target, arc.label) for arc in self.arcs]
        return np.array([i for i, key in enumerate(keys) if i == 0 or key != keys[i - 1]], np.int32)

    @cached_property
    def group_labels(self) -> Indices:
        """The phoneme of each group, `int32[G]`."""
        return self.labels[self.group_starts]

    @cached_property
    def entered(self) -> Indices:
        """The nodes that arcs lead to, ascending, `int32[E]`."""
        return np.unique(_column(self.arcs, 1)).astype(np.int32)

    @cached_property
    def entered_starts(self) -> Indices:
        """The first group of each entered node, `int32[E]`."""
        targets = _column(self.arcs, 1)[self.group_starts]
        return np.searchsorted(targets, self.entered).astype(np.int32)


class GraphBuilder:
    """Puts a graph together."""

    def __init__(self) -> None:
        self.nodes = 1
        self._arcs: list[Arc] = []

    @property
    def size(self) -> int:
        """States that a search goes through: nodes and arcs."""
        return self.nodes + len(self._arcs)

    def add_node(self) -> int:
        """A new node."""
        self.nodes += 1
        return self.nodes - 1

    def add_phonemes(self, source: int, target: int, labels: Sequence[int], owner: int) -> None:
        """A way from a node to another by one phoneme or more.

        Raises:
            ValueError: there is no phoneme; two nodes that mean the same must be one.
        """
        self.add_branching(source, [target], labels, owner)

    def add_branching(self, source: int, targets: Sequence[int], labels: Sequence[int], owner: int) -> None:
        """A way from a node to others by one phoneme or more, the same until the last one.

        Raises:
            ValueError: there is no phoneme; two nodes that mean the same must be one.
        """
        if not labels:
            raise ValueError("a way needs a phoneme")
        nodes = [source, *(self.add_node() for _ in labels[1:])]
        for label, (here, there) in zip(labels, pairwise(nodes), strict=False):
            self._arcs.append(Arc(here, there, label, owner))
        self._arcs += [Arc(nodes[-1], target, labels[-1], owner) for target in targets]

    def build(self, lasts: Sequence[int]) -> Graph:
        """The graph, whose utterances end at the given nodes."""
        arcs = sorted(self._arcs, key=lambda arc: (arc.target, arc.label))
        return Graph(tuple(arcs), self.nodes, np.array(sorted(set(lasts)), np.int32))


def _column(arcs: Sequence[Arc], column: int) -> Indices:
    return np.array([arc[column] for arc in arcs], np.int32)
