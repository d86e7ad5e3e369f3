"""From phrase sets to a graph of phonemes that can be searched for the command that was said."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sensorium_core.errors import InvalidInputError
from sensorium_speech.commands._automaton import Automata, Node
from sensorium_speech.commands._numbers import SpokenNumbers
from sensorium_speech.ctc import Graph, GraphBuilder
from sensorium_speech.phonetics import Phonemes
from sensorium_speech.phrase_sets import (
    SPOKEN_UNITS,
    ListSlot,
    NumberSlot,
    Phrase,
    PhraseSet,
    Slot,
    SlotName,
    UnitSlot,
    elements,
)

Pronounce = Callable[[str], Sequence[Phonemes]]
"""How a token, as phrases have it, may be said."""


@dataclass(frozen=True)
class Part:
    """A word or a slot of a phrase.

    Attributes:
        said: the sequences of tokens that may stand there.
        slot: which slot it is; None for a word.
        meanings: of the sequences of a unit or list slot.
    """

    said: Node
    slot: Slot | None = None
    meanings: Mapping[tuple[str, ...], str] | None = None


@dataclass(frozen=True)
class PlannedPhrase:
    """A phrase, its parts, its set's name, and its path in the request."""

    phrase: Phrase
    parts: tuple[Part, ...]
    phrase_set: str
    field: str


class Token(NamedTuple):
    """A token at its place in a vocabulary: number of the phrase, of the part in it, and what it is."""

    phrase: int
    part: int
    text: str


class Place(NamedTuple):
    """Where a token is in the graph: the node before it, those that it leads to, and how it may be said."""

    source: int
    targets: tuple[int, ...]
    ways: tuple[Phonemes, ...]


@dataclass(frozen=True)
class Vocabulary:
    """All that can be said.

    Attributes:
        graph: whose arcs are owned by tokens.
        tokens: by their numbers.
        places: of the tokens, by their numbers.
        phrases: by their numbers.
    """

    graph: Graph
    tokens: tuple[Token, ...]
    places: tuple[Place, ...]
    phrases: tuple[PlannedPhrase, ...]


class Planner:
    """Takes phrase sets apart. Equal slots of all of them share their automata."""

    def __init__(self) -> None:
        self._automata = Automata()
        self._numbers = SpokenNumbers(self._automata)

    def plan(self, phrase_set: PhraseSet) -> list[PlannedPhrase]:
        """The phrases of a set that has been checked, with their parts."""
        slots = {slot.name: self._slot(slot) for slot in phrase_set.slots}
        planned = []
        for number, phrase in enumerate(phrase_set.phrases):
            field = f"{phrase_set.field}.phrases[{number}].value"
            parts = tuple(
                slots[one.name] if isinstance(one, SlotName) else Part(self._automata.sequence([one]))
                for one in elements(phrase.value, field)
            )
            planned.append(PlannedPhrase(phrase, parts, phrase_set.name, field))
        return planned

    def _slot(self, slot: Slot) -> Part:
        match slot.kind:
            case NumberSlot():
                return Part(self._numbers(slot.kind), slot)
            case UnitSlot():
                return self._listed(slot, _units(slot.kind))
            case ListSlot():
                return self._listed(slot, _entries(slot.kind))

    def _listed(self, slot: Slot, meanings: Mapping[tuple[str, ...], str]) -> Part:
        return Part(self._automata.any_of(map(self._automata.sequence, meanings)), slot, meanings)


def _units(kind: UnitSlot) -> dict[tuple[str, ...], str]:
    """Which unit words mean; those of several mean the first."""
    meanings: dict[tuple[str, ...], str] = {}
    for code in kind.units or SPOKEN_UNITS:
        for spoken in SPOKEN_UNITS[code]:
            meanings.setdefault(tuple(spoken.split()), code)
    return meanings


def _entries(kind: ListSlot) -> dict[tuple[str, ...], str]:
    """Which entry words mean; those of several mean the first."""
    meanings: dict[tuple[str, ...], str] = {}
    for entry in kind.entries:
        for spoken in entry.spoken or (entry.value,):
            meanings.setdefault(tuple(spoken.split()), entry.value)
    return meanings


def tokens_of(phrases: Iterable[PlannedPhrase]) -> set[str]:
    """All tokens of phrases."""
    found: set[str] = set()
    seen: set[int] = set()
    waiting = [part.said for one in phrases for part in one.parts]
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            found.update(word for word, _ in node.edges)
            waiting += [target for _, target in node.edges]
    return found


class VocabularyBuilder:
    """Puts a vocabulary together.

    Args:
        most_states: that its graph may have.
    """

    def __init__(self, most_states: int) -> None:
        self._most_states = most_states
        self._builder = GraphBuilder()
        self._tokens: list[Token] = []
        self._places: list[Place] = []
        self._phrases: list[PlannedPhrase] = []
        self._lasts: list[int] = []

    def add(self, planned: PlannedPhrase, pronounce: Pronounce) -> None:
        """Adds a phrase.

        Raises:
            InvalidInputError: VOCABULARY_TOO_LARGE; or PHRASE_INVALID for a word that has no phoneme.
        """
        here = 0
        for number, part in enumerate(planned.parts):
            here = self._add_part(part, here, (len(self._phrases), number), pronounce, planned.field)
        self._phrases.append(planned)
        self._lasts.append(here)

    def build(self) -> Vocabulary:
        """The vocabulary of the phrases that were added."""
        graph = self._builder.build(self._lasts)
        return Vocabulary(graph, tuple(self._tokens), tuple(self._places), tuple(self._phrases))

    def _add_part(self, part: Part, source: int, place: tuple[int, int], pronounce: Pronounce, field: str) -> int:
        target = self._builder.add_node()
        nodes = {id(part.said): source}
        waiting = [part.said]
        while waiting:
            node = waiting.pop()
            for word, following in node.edges:
                if following.edges and id(following) not in nodes:
                    nodes[id(following)] = self._builder.add_node()
                    waiting.append(following)
                targets = [target] if following.final else []
                targets += [nodes[id(following)]] if following.edges else []
                self._add_word(nodes[id(node)], targets, Token(*place, word), pronounce, field)
        return target

    def _add_word(self, source: int, targets: Sequence[int], token: Token, pronounce: Pronounce, field: str) -> None:
        ways = pronounce(token.text)
        if not ways:
            text = f"has a word that nothing is known to sound like; give its pronunciation: {token.text}"
            raise InvalidInputError.field(field, text, reason="PHRASE_INVALID")
        for labels in ways:
            self._builder.add_branching(source, targets, labels, len(self._tokens))
        self._tokens.append(token)
        self._places.append(Place(source, tuple(targets), tuple(ways)))
        if self._builder.size > self._most_states:
            text = f"the vocabulary makes more than {self._most_states} states; use fewer phrases or narrower slots"
            metadata = {"limit_states": str(self._most_states)}
            raise InvalidInputError.field(field, text, reason="VOCABULARY_TOO_LARGE", **metadata)
