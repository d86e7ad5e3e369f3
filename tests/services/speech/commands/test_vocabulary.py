from string import ascii_lowercase

import numpy as np
import pytest

from sensorium_core.errors import InvalidInputError
from sensorium_speech.commands._confidence import confidence
from sensorium_speech.commands._decoding import Decoded, Evidence, decode
from sensorium_speech.commands._reading import read
from sensorium_speech.commands._vocabulary import Planner, Vocabulary, VocabularyBuilder, tokens_of
from sensorium_speech.domain import Piece, Utterance
from sensorium_speech.phonetics import HeardPhonemes
from sensorium_speech.phrase_sets import Entry, ListSlot, NumberSlot, Phrase, PhraseSet, Slot, UnitSlot

BLANK = 26
MACHINE = Slot("machine", ListSlot((Entry("M1", ("left press", "press one")), Entry("lathe"))))
SPEED = Slot("speed", NumberSlot(0, 99))
UNIT = Slot("unit", UnitSlot(("Cel", "[degF]", "mm")))


def phrases(*values: str, slots: tuple[Slot, ...] = (MACHINE, SPEED, UNIT)) -> PhraseSet:
    return PhraseSet(tuple(Phrase(value, id=value[:1]) for value in values), slots=slots, name="phraseSets/test")


def letters(token: str) -> list[tuple[int, ...]]:
    """A token sounds as it is spelled."""
    return [tuple(ascii_lowercase.index(letter) for letter in token)]


def vocabulary(phrase_set: PhraseSet, most_states: int = 10_000) -> Vocabulary:
    builder = VocabularyBuilder(most_states)
    for planned in Planner().plan(phrase_set):
        builder.add(planned, letters)
    return builder.build()


def heard(text: str, sure: float = -0.01, frames: int = 3) -> HeardPhonemes:
    """A text letter by letter, each heard for one frame and nothing in the frames between."""
    labels = [label for letter in text.replace(" ", "") for label in [letters(letter)[0][0], *[BLANK] * (frames - 1)]]
    values = np.full((len(labels) + 4, 27), -9.0, np.float32)
    values[np.arange(len(values)), [BLANK, BLANK, *labels, BLANK, BLANK]] = sure
    return HeardPhonemes(values, BLANK)


def decoded(phrase_set: PhraseSet, text: str) -> tuple[Vocabulary, Decoded]:
    made = vocabulary(phrase_set)
    found = decode(made, heard(text))
    assert found == sorted(found, key=lambda one: -one.score)
    return made, found[0]


def said(phrase_set: PhraseSet, text: str) -> str:
    made, found = decoded(phrase_set, text)
    return " ".join(made.tokens[one.token].text for one in found.spoken)


@pytest.mark.parametrize(
    "text",
    [
        "start left press",
        "start press one",
        "start lathe",
        "heat to seven degrees",
        "heat to seventy degrees celsius",
        "heat to seventy seven millimeters",
        "stop",
    ],
)
def test_each_way_to_say_a_phrase_is_found(text: str) -> None:
    assert said(phrases("start {machine}", "heat to {speed} {unit}", "stop"), text) == text


def test_a_command_has_its_phrase_and_its_slots() -> None:
    made, found = decoded(phrases("start {machine}", "heat to {speed} {unit}"), "heat to forty two degrees")
    piece = Piece(Utterance(8_000, 80_000, 1.0), np.zeros(72_000, np.int16), 2)
    command = read(made, found, piece, 0.5)
    assert (command.phrase, command.phrase_id, command.phrase_set) == ("heat to {speed} {unit}", "h", "phraseSets/test")
    assert (command.accepted, command.tag, command.utterance) == (True, 2, piece.utterance)
    assert command.text == "heat to forty two degrees"
    speed, unit = command.slots
    assert (speed.name, speed.text, speed.value, speed.is_unit) == ("speed", "forty two", 42.0, False)
    # Where words have several meanings, the first unit of the slot is meant.
    assert (unit.name, unit.text, unit.value, unit.is_unit) == ("unit", "degrees", "Cel", True)
    assert speed.begin == command.words[2].begin
    assert speed.end == command.words[3].end


def test_words_follow_each_other_within_the_utterance() -> None:
    made, found = decoded(phrases("start {machine}"), "start left press")
    piece = Piece(Utterance(1_600, 1_600 + 20_000, 1.0), np.zeros(20_000, np.int16))
    times = [time or 0 for word in read(made, found, piece, 0).words for time in (word.begin, word.end)]
    assert times == sorted(times)
    assert times[0] >= 1_600
    assert times[-1] <= 21_600


def test_the_filler_explains_everything_and_a_command_no_better() -> None:
    right = decoded(phrases("start {machine}"), "start lathe")[1].evidence
    near = decoded(phrases("start {machine}"), "start lath")[1].evidence
    other = decoded(phrases("start {machine}"), "coffee please")[1].evidence
    assert right[:2] == pytest.approx((0.0, -0.01))
    assert 0 > near.ratio > other.ratio
    assert confidence(right) > 0.99
    assert confidence(other) < 0.01


def test_in_noise_a_command_needs_to_fit_better() -> None:
    assert confidence(Evidence(-3.0, -0.3)) > 0.5 > confidence(Evidence(-3.0, -1.0))


def test_what_the_recogniser_thinks_of_a_command_counts() -> None:
    doubtful = Evidence(-3.5, -0.3)
    assert confidence(doubtful._replace(text=-0.5)) > 0.9
    assert confidence(doubtful._replace(text=-5.0)) < 0.1


def test_a_word_that_fits_worse_is_less_sure() -> None:
    made, found = decoded(phrases("start {machine}"), "start latzz")
    piece = Piece(Utterance(0, 20_000, 1.0), np.zeros(20_000, np.int16))
    start, lathe = read(made, found, piece, 0).words
    assert start.confidence > 0.99
    assert lathe.confidence < 0.9


def test_confidence_is_a_probability_whatever_the_evidence() -> None:
    assert 0 <= confidence(Evidence(-1e30, -1e30)) < 1e-6
    assert 0.5 < confidence(Evidence(0, 0)) <= 1


def test_what_is_shorter_than_every_phrase_is_none() -> None:
    values = np.zeros((3, 27), np.float32)
    assert decode(vocabulary(phrases("start")), HeardPhonemes(values, BLANK)) == []
    assert decode(vocabulary(phrases("start")), HeardPhonemes(values[:0], BLANK)) == []


def test_commands_that_may_have_been_said_come_too_unless_the_utterance_is_long() -> None:
    made = vocabulary(phrases("stop", "stob", "start"))

    def found(frames: int) -> list[str]:
        return [made.tokens[one.spoken[0].token].text for one in decode(made, heard("stop", frames=frames))]

    assert found(3) == ["stop", "stob"]
    assert found(124) == ["stop", "stob"]
    assert found(125) == ["stop"]


def test_a_vocabulary_has_a_bound() -> None:
    with pytest.raises(InvalidInputError) as caught:
        vocabulary(phrases("stop", "start {machine}"), most_states=20)
    assert caught.value.reason == "VOCABULARY_TOO_LARGE"
    assert caught.value.violations[0].field == "phrase_set.phrases[1].value"


def test_a_word_without_sound_is_refused() -> None:
    builder = VocabularyBuilder(100)
    (planned,) = Planner().plan(phrases("stop"))
    with pytest.raises(InvalidInputError) as caught:
        builder.add(planned, lambda _: [])
    assert caught.value.reason == "PHRASE_INVALID"


def test_a_word_may_sound_in_several_ways() -> None:
    builder = VocabularyBuilder(100)
    (planned,) = Planner().plan(phrases("stop"))
    builder.add(planned, lambda _: [letters("stop")[0], letters("halt")[0]])
    made = builder.build()
    for text in ("stop", "halt"):
        (found,) = decode(made, heard(text))
        assert [made.tokens[one.token].text for one in found.spoken] == ["stop"]
        assert found.evidence.ratio == 0


def test_all_units_are_meant_where_none_is_named() -> None:
    anything = Slot("unit", UnitSlot())
    planned = Planner().plan(phrases("{unit}", slots=(anything,)))
    assert {"bar", "kilowatt", "percent"} <= tokens_of(planned)


def test_tokens_are_those_of_phrases_and_slots() -> None:
    assert tokens_of(Planner().plan(phrases("start {machine} now"))) == {
        "start",
        "now",
        "left",
        "press",
        "one",
        "lathe",
    }
