from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import pytest

from sensorium_core.errors import InvalidInputError, UnavailableError
from sensorium_core.limits import BoundedExecutor
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import ModelDescription, ServedModel
from sensorium_speech.commands._compiler import Compiler, pronouncing
from sensorium_speech.phonetics import PhonemeListener, Phonemes, Pronouncer
from sensorium_speech.phrase_sets import Phrase, PhraseSet, Pronunciation

LABELS = ("p", "ʌ", "m", "t", "u", "w", "ə", "b", "l", "eɪ", "<wb>", "<blank>")
PUMP, TO, ODD = (0, 1, 2, 0), (3, 4), (5, 6)
PUMPS = PhraseSet((Phrase("pump"),))


class Reader:
    """Stands for the pronouncing model: reads every word as [w ə]; None while it is away."""

    name = "hama_g2p"
    description = ModelDescription(labels=LABELS, parameters={"characters": '["a"]'})

    def __init__(self) -> None:
        self.asked = 0
        self.away = False

    async def infer(self, inputs: dict[str, Any]) -> dict[str, Any]:
        if self.away:
            raise UnavailableError("away", reason="MODEL_UNAVAILABLE")
        self.asked += len(inputs["characters"])
        return {"phonemes": np.array([ODD] * len(inputs["characters"]))}


@pytest.fixture
def work() -> Iterator[BoundedExecutor]:
    with BoundedExecutor(2, 10, Metrics()) as executor:
        yield executor


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def compiler(work: BoundedExecutor, reader: Reader) -> Compiler:
    model = cast(ServedModel, reader)
    return Compiler(PhonemeListener(model), Pronouncer(model), work, most_states=60)


async def sounds(compiler: Compiler, phrase_set: PhraseSet) -> set[Phonemes]:
    """The ways through the graph of a vocabulary."""
    graph = (await compiler.compile((phrase_set,))).graph
    found, waiting = set(), [(0, Phonemes(()))]
    while waiting:
        node, said = waiting.pop()
        if node in graph.lasts:
            found.add(said)
        waiting += [(arc.target, (*said, arc.label)) for arc in graph.arcs if arc.source == node]
    return found


async def test_words_sound_as_the_dictionary_has_them_and_as_they_are_spelled(compiler: Compiler) -> None:
    assert await sounds(compiler, PUMPS) == {PUMP, ODD}
    assert await sounds(compiler, PhraseSet((Phrase("zorbex"),))) == {ODD}


async def test_a_set_s_own_pronunciations_take_their_place(compiler: Compiler, reader: Reader) -> None:
    own = (Pronunciation("PUMP", "b ʌ m"), Pronunciation("pump", "p l eɪ"))
    assert await sounds(compiler, PhraseSet((Phrase("Pump"),), pronunciations=own)) == {(7, 1, 2), (0, 8, 9)}
    assert reader.asked == 0


async def test_a_part_of_a_word_may_have_a_pronunciation(compiler: Compiler) -> None:
    own = (Pronunciation("pump", "b ʌ m"),)
    assert (7, 1, 2, *TO) in await sounds(compiler, PhraseSet((Phrase("pump-2"),), pronunciations=own))


async def test_a_vocabulary_is_made_once(compiler: Compiler, reader: Reader) -> None:
    first = await compiler.compile((PUMPS,))
    reader.away = True
    assert await compiler.compile((PhraseSet((Phrase("pump"),), field="elsewhere"),)) is first
    with pytest.raises(UnavailableError):
        await compiler.compile((PhraseSet((Phrase("other"),)),))


async def test_no_more_vocabularies_are_kept_than_have_room(compiler: Compiler) -> None:
    first = await compiler.compile((PUMPS,))
    for number in range(60):
        await compiler.compile((PhraseSet((Phrase("pump", id=str(number)),)),))
    assert compiler._known.currsize <= 8 * 60
    assert await compiler.compile((PUMPS,)) is not first


async def test_an_error_names_where_the_set_is_in_this_request(compiler: Compiler) -> None:
    for field in ("a", "b"):
        large = PhraseSet((Phrase("pump " * 20),), field=field)
        with pytest.raises(InvalidInputError) as caught:
            await compiler.compile((large,))
        assert caught.value.reason == "VOCABULARY_TOO_LARGE"
        assert caught.value.violations[0].field == f"{field}.phrases[0].value"


async def test_symbols_that_the_model_does_not_have_are_refused(compiler: Compiler) -> None:
    with pytest.raises(InvalidInputError) as caught:
        await compiler.compile((PhraseSet((Phrase("x"),), pronunciations=(Pronunciation("x", "q"),)),))
    assert caught.value.reason == "PRONUNCIATION_INVALID"


def test_of_many_ways_to_say_a_token_some_are_taken() -> None:
    ways = {word: [(number,) for number in range(4)] for word in ("pump", "one", "two", "three", "four")}
    assert len(pronouncing(PUMPS, ways, LABELS)("pump-one-two-three")) == 8
    assert pronouncing(PUMPS, {}, LABELS)("pump") == ()
