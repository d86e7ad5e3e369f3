"""Sets of word sequences as automata without cycles, in which equal parts exist once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, eq=False)
class Node:
    """A state: whether a sequence may end here, and the words that lead on.

    Nodes of one factory that mean the same are the same object.
    """

    final: bool
    edges: tuple[tuple[str, "Node"], ...] = ()


class Automata:
    """Makes nodes, each once."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[bool, tuple[tuple[str, int], ...]], Node] = {}
        self._unions: dict[tuple[int, int], Node] = {}
        self._chains: dict[tuple[int, int], Node] = {}
        self.nothing: Final = self._node(final=False, edges={})
        self.empty: Final = self._node(final=True, edges={})

    def sequence(self, words: Sequence[str]) -> Node:
        """Exactly these words."""
        node = self.empty
        for word in reversed(words):
            node = self._node(final=False, edges={word: node})
        return node

    def any_of(self, nodes: Iterable[Node]) -> Node:
        """What any of them accepts. They are joined in pairs, so that many small ones take little time."""
        left = list(nodes) or [self.nothing]
        while len(left) > 1:
            left = [self._union(left[i], left[i + 1]) if i + 1 < len(left) else left[i] for i in range(0, len(left), 2)]
        return left[0]

    def chain(self, *nodes: Node) -> Node:
        """What the first accepts and then the second, and so on."""
        found = self.empty
        for node in reversed(nodes):
            found = self._append(node, found)
        return found

    def maybe(self, node: Node) -> Node:
        """What it accepts, or nothing at all."""
        return self._union(node, self.empty)

    def _union(self, one: Node, other: Node) -> Node:
        if one is other or other is self.nothing:
            return one
        if one is self.nothing:
            return other
        key = (min(id(one), id(other)), max(id(one), id(other)))
        if key not in self._unions:
            edges = dict(one.edges)
            for word, target in other.edges:
                edges[word] = self._union(edges[word], target) if word in edges else target
            self._unions[key] = self._node(final=one.final or other.final, edges=edges)
        return self._unions[key]

    def _append(self, node: Node, rest: Node) -> Node:
        key = (id(node), id(rest))
        if key not in self._chains:
            edges = {word: self._append(target, rest) for word, target in node.edges}
            found = self._node(final=False, edges=edges)
            self._chains[key] = self._union(found, rest) if node.final else found
        return self._chains[key]

    def _node(self, *, final: bool, edges: dict[str, Node]) -> Node:
        # A node that leads nowhere is left out, so that every way ends in a final one.
        kept = tuple(sorted((word, node) for word, node in edges.items() if node.final or node.edges))
        key = (final, tuple((word, id(node)) for word, node in kept))
        return self._nodes.setdefault(key, Node(final, kept))
