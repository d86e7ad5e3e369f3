"""Vocabularies made of phrase sets, and a bounded memory of those that were made."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, product
from typing import NamedTuple

from cachetools import LRUCache

from sensorium_core.call import Stage
from sensorium_core.limits import BoundedExecutor
from sensorium_speech.commands._vocabulary import (
    PlannedPhrase,
    Planner,
    Pronounce,
    Vocabulary,
    VocabularyBuilder,
    tokens_of,
)
from sensorium_speech.phonetics import PhonemeListener, Phonemes, Pronouncer, pronunciations, readings
from sensorium_speech.phrase_sets import PhraseSet, check_pronunciations

# Vocabularies are kept as long as they have together so many times the states that one of them may have.
_KEPT = 8
_MOST_WAYS = 8

PhraseSets = tuple[PhraseSet, ...]
Ways = Mapping[str, Sequence[Phonemes]]


class _Plan(NamedTuple):
    """A set taken apart, and the words whose pronunciation it needs to know."""

    phrase_set: PhraseSet
    phrases: list[PlannedPhrase]
    words: set[str]


class Compiler:
    """Makes vocabularies.

    Args:
        listener: whose phonemes they are made of.
        pronouncer: for words that no dictionary has.
        work: where they are made.
        most_states: of one vocabulary.
    """

    def __init__(
        self, listener: PhonemeListener, pronouncer: Pronouncer, work: BoundedExecutor, most_states: int
    ) -> None:
        self._listener = listener
        self._pronouncer = pronouncer
        self._work = work
        self._most_states = most_states
        self._known: LRUCache[tuple[PhraseSets, tuple[str, ...]], Vocabulary] = LRUCache(
            _KEPT * most_states, getsizeof=lambda one: one.graph.nodes + len(one.graph.arcs)
        )

    async def compile(self, phrase_sets: PhraseSets) -> Vocabulary:
        """The vocabulary of sets that have been checked.

        Raises:
            InvalidInputError: PRONUNCIATION_INVALID, VOCABULARY_TOO_LARGE, or PHRASE_INVALID for a word that nothing is
                known to sound like.
            SensoriumError: a model does not answer.
        """
        labels = self._listener.labels
        key = (phrase_sets, labels)
        if key not in self._known:
            for phrase_set in phrase_sets:
                check_pronunciations(phrase_set, labels)
            plans = await self._work.run(Stage.PREPROCESS, _plan, phrase_sets)
            ways = await self._ways({word for plan in plans for word in plan.words}, labels)
            self._known[key] = await self._work.run(Stage.PREPROCESS, _build, plans, ways, labels, self._most_states)
        return self._known[key]

    async def _ways(self, words: Iterable[str], labels: Sequence[str]) -> dict[str, list[Phonemes]]:
        """How words may be said: as the dictionary has them and as they are spelled."""
        looked_up = await self._work.run(Stage.PREPROCESS, _look_up, set(words), labels)
        spelled = await self._pronouncer.pronounce(looked_up)
        return {word: [*ways, spelled[word]] for word, ways in looked_up.items()}


def _look_up(words: Iterable[str], labels: Sequence[str]) -> dict[str, list[Phonemes]]:
    index = {label: number for number, label in enumerate(labels)}
    return {
        word: [tuple(index[one] for one in symbols) for symbols in pronunciations(word) if index.keys() >= {*symbols}]
        for word in words
    }


def _plan(phrase_sets: PhraseSets) -> list[_Plan]:
    planner, plans = Planner(), []
    for phrase_set in phrase_sets:
        phrases = planner.plan(phrase_set)
        given = {one.word.lower() for one in phrase_set.pronunciations}
        words = {
            word
            for token in tokens_of(phrases)
            if token.lower() not in given
            for way in readings(token)
            for word in way
            if word not in given
        }
        plans.append(_Plan(phrase_set, phrases, words))
    return plans


def _build(plans: Iterable[_Plan], ways: Ways, labels: Sequence[str], most_states: int) -> Vocabulary:
    builder = VocabularyBuilder(most_states)
    for plan in plans:
        pronounce = pronouncing(plan.phrase_set, ways, labels)
        for phrase in plan.phrases:
            builder.add(phrase, pronounce)
    return builder.build()


def pronouncing(phrase_set: PhraseSet, ways: Ways, labels: Sequence[str]) -> Pronounce:
    """How the tokens of a set may be said: as it says itself, else as the words that they are read as.

    Args:
        phrase_set: whose pronunciations have been checked.
        ways: of words.
        labels: the phonemes by index.
    """
    given: dict[str, list[Phonemes]] = {}
    for one in phrase_set.pronunciations:
        phonemes = tuple(labels.index(symbol) for symbol in one.phonemes.split())
        given.setdefault(one.word.lower(), []).append(phonemes)
    every: Ways = {**ways, **given}
    known: dict[str, tuple[Phonemes, ...]] = {}

    def pronounce(token: str) -> tuple[Phonemes, ...]:
        if token not in known:
            known[token] = tuple(given.get(token.lower(), ())) or _read(token, every)
        return known[token]

    return pronounce


def _read(token: str, ways: Ways) -> tuple[Phonemes, ...]:
    found: dict[Phonemes, None] = {}
    for reading in readings(token):
        for chosen in islice(product(*(dict.fromkeys(ways.get(word, ())) for word in reading)), _MOST_WAYS):
            found[tuple(label for phonemes in chosen for label in phonemes)] = None
    return tuple(phonemes for phonemes in found if phonemes)
