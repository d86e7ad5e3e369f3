"""Phrases that are likelier than the network thinks: contextual biasing by shallow fusion.

While a text is spelled out, whatever continues one of the phrases gains a number of nats for each character; what has
been gained is taken back when the text leaves the phrase before its end, or goes on with letters behind it. So a phrase
counts in full or not at all, and only as whole words. It gains nothing directly behind itself: a word that is favoured
and short would else be said again and again.

The phrases are a trie over characters, not tokens: any segmentation of a phrase into the vocabulary's pieces follows
it, in lower or upper case. A state is the set of trie nodes that some suffix of the text has reached, as the failure
links of Aho and Corasick would give them.

Zhao et al., "Shallow-Fusion End-to-End Contextual Biasing", Interspeech 2019; Aho, Corasick, CACM 18 (6), 1975.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

SPACE = "\u2581"


class BiasState(NamedTuple):
    """Where a text stands in the phrases.

    Attributes:
        nodes: Trie nodes reached, other than the root.
        pending: Gained so far, and taken back if no phrase is completed.
        earned: The part of it that is kept if the text goes on with a new word.
        complete: The phrase that has earned it, by its last node; NONE while there is none.
        last: The phrase that the text before this one ends with, or NONE.
    """

    nodes: tuple[int, ...]
    pending: float
    earned: float
    complete: int
    last: int


NONE = -1
START = BiasState((), 0.0, 0.0, NONE, NONE)


class Vocabulary:
    """The pieces that texts are made of, by their lower-case spelling.

    Args:
        pieces: By token; a word's first piece begins with U+2581.
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        self.tokens: dict[str, list[int]] = {}
        for token, piece in enumerate(pieces):
            if not piece.startswith("<"):  # control tokens and single bytes
                self.tokens.setdefault(piece.lower(), []).append(token)
        self.longest = max(map(len, self.tokens))
        # Behind these a word is over: what begins with a space, punctuation, and the end of the text.
        self.ends_word = np.array([not piece[:1].isalnum() for piece in pieces])
        self.is_word = np.array([any(map(str.isalnum, piece)) for piece in pieces])


def _phrase_before(state: BiasState) -> int:
    """The phrase that a new word would follow directly."""
    return state.last if state.complete == NONE else state.complete


class Arcs(NamedTuple):
    """The tokens that continue a node: the node each leads to, and what is pending there."""

    tokens: Array
    nodes: Array
    pending: Array


class Bias:
    """A set of phrases, ready to be applied.

    Args:
        phrases: The phrases and the gain of each in nats per character; those of equal beginning share the larger gain.
        vocabulary: What the network's tokens stand for.
    """

    def __init__(self, phrases: Sequence[tuple[str, float]], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._children: list[dict[str, int]] = [{}]
        self._pending = [0.0]
        self._complete = [False]
        self._arcs: dict[int, Arcs] = {}
        for phrase, gain in phrases:
            self._add(SPACE + SPACE.join(phrase.lower().split()), gain)

    def apply(self, state: BiasState, log_probabilities: Array) -> Array:
        """float32[vocabulary], the log-probabilities with the gains and losses of every possible next token."""
        scores: Array = log_probabilities - np.float32(state.pending)
        if state.earned:
            scores += np.float32(state.earned) * self._vocabulary.ends_word
        root = self._continuations(0)
        scores[root.tokens] += np.where(root.nodes == _phrase_before(state), 0, root.pending)
        for node in state.nodes:
            arcs = self._continuations(node)
            pending = np.where(arcs.nodes == state.last, 0, arcs.pending)
            gained = log_probabilities[arcs.tokens] + (pending - np.float32(state.pending))
            scores[arcs.tokens] = np.maximum(scores[arcs.tokens], gained)
        return scores

    def follow(self, state: BiasState, token: int) -> BiasState:
        """The state after `token`."""
        ended = bool(self._vocabulary.ends_word[token])
        before = _phrase_before(state) if ended else state.last
        gains = {child: self._gain(child, state.last) for node in state.nodes if (child := self._child(node, token))}
        if child := self._child(0, token):
            gains[child] = self._gain(child, before)
        elif ended and not gains and self._vocabulary.is_word[token]:
            before = NONE
        complete = max((node for node in gains if self._complete[node]), key=gains.__getitem__, default=NONE)
        earned = gains.get(complete, 0.0)
        return BiasState(tuple(sorted(gains)), max(gains.values(), default=0.0), earned, complete, before)

    def _gain(self, node: int, before: int) -> float:
        return 0.0 if node == before else self._pending[node]

    def _add(self, text: str, gain: float) -> None:
        node = 0
        for depth, character in enumerate(text, 1):
            child = self._children[node].get(character)
            if child is None:
                child = len(self._children)
                self._children[node][character] = child
                self._children.append({})
                self._pending.append(0.0)
                self._complete.append(False)
            node = child
            # The space before a phrase is not one of its characters.
            self._pending[node] = max(self._pending[node], gain * (depth - 1))
        self._complete[node] = True

    def _child(self, node: int, token: int) -> int | None:
        arcs = self._continuations(node)
        place = int(np.searchsorted(arcs.tokens, token))
        found = place < len(arcs.tokens) and arcs.tokens[place] == token
        return int(arcs.nodes[place]) if found else None

    def _continuations(self, node: int) -> Arcs:
        if node not in self._arcs:
            found = sorted(self._spellings(node))
            tokens, nodes = (np.array([pair[index] for pair in found], np.int64) for index in (0, 1))
            pending = np.array([self._pending[child] for child in nodes], np.float32)
            self._arcs[node] = Arcs(tokens, nodes, pending)
        return self._arcs[node]

    def _spellings(self, start: int) -> list[tuple[int, int]]:
        """Each token whose characters lead from `start` to another node, with that node."""
        found = []
        paths = [(start, "")]
        while paths:
            node, text = paths.pop()
            for character, child in self._children[node].items():
                spelled = text + character
                found += [(token, child) for token in self._vocabulary.tokens.get(spelled, ())]
                if len(spelled) < self._vocabulary.longest:
                    paths.append((child, spelled))
        return found
