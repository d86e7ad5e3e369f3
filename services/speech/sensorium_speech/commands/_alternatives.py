"""What else may have been said: the sequences of tokens that are about as likely as the likeliest one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from heapq import heappop, heappush

import numpy as np

from sensorium_speech.commands._vocabulary import Vocabulary
from sensorium_speech.ctc import Graph, GraphBuilder
from sensorium_speech.domain import Floats

Sequence = tuple[int, ...]
_Edges = Mapping[int, Iterable[tuple[int, int, float]]]


def likeliest(vocabulary: Vocabulary, margins: Floats, within: float, most: int) -> list[Sequence]:
    """Sequences of tokens in the order of their least likely one, the likeliest first.

    A sequence is at most as likely as the likeliest way through each of its tokens. Each token that is likely enough is
    part of a sequence that is, so that a search for them never ends in vain.

    Args:
        vocabulary: what can be said.
        margins: `float32[A]`, of its graph's arcs, as a lattice gives them.
        within: nats that a sequence may stay behind.
        most: sequences, at most.
    """
    edges, lasts = _edges(vocabulary, margins, within), set(vocabulary.graph.lasts.tolist())
    found, waiting = list[Sequence](), [(0.0, 0.0, Sequence(), 0)]
    while waiting and len(found) < most:
        least, behind, tokens, node = heappop(waiting)
        if node in lasts:
            found.append(tokens)
        for token, target, margin in edges.get(node, ()):
            heappush(waiting, (max(least, -margin), behind - margin, (*tokens, token), target))
    return found


def graph_of(vocabulary: Vocabulary, sequences: Iterable[Sequence]) -> tuple[Graph, dict[Sequence, int]]:
    """A graph of nothing but some sequences, and the node at which each ends: no other ends there.

    What several begin with exists once.
    """
    builder, nodes = GraphBuilder(), {Sequence(): 0}
    for sequence in sequences:
        for length in range(1, len(sequence) + 1):
            beginning, token = sequence[:length], sequence[length - 1]
            if beginning not in nodes:
                nodes[beginning] = builder.add_node()
                for way in vocabulary.places[token].ways:
                    builder.add_phonemes(nodes[beginning[:-1]], nodes[beginning], way, token)
    ends = {sequence: nodes[sequence] for sequence in sequences}
    return builder.build(list(ends.values())), ends


def _edges(vocabulary: Vocabulary, margins: Floats, within: float) -> _Edges:
    """From each node the tokens that are likely enough, the nodes they lead to, and their margins."""
    best: dict[tuple[int, int], float] = {}
    for place in np.flatnonzero(margins >= -within).tolist():
        arc, margin = vocabulary.graph.arcs[place], float(margins[place])
        best[arc.owner, arc.target] = max(best.get((arc.owner, arc.target), margin), margin)
    edges = defaultdict(list)
    for (token, target), margin in best.items():
        if target in vocabulary.places[token].targets:
            edges[vocabulary.places[token].source].append((token, target, margin))
    return edges
