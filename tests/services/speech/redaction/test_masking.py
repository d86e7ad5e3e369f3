import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_speech.domain import Transcript, Word
from sensorium_speech.redaction import Replacement, masked

NAME = "[PERSON_NAME]"


def heard(text: str) -> Transcript:
    """A transcript whose words follow each other every 100 samples and last for 90, each half sure."""
    words = [Word(word, 0.5, 100 * place, 100 * place + 90) for place, word in enumerate(text.split())]
    return Transcript(text, 0.25, tuple(words))


def replacing(text: str, spans: Sequence[tuple[int, int]], by: str = NAME) -> tuple[str, list[Replacement]]:
    """The text with spans replaced, and how."""
    new, position = "", 0
    replacements = []
    for begin, end in spans:
        new += text[position:begin]
        replacements.append(Replacement(begin, end, len(new), len(new) + len(by)))
        new, position = new + by, end
    return new + text[position:], replacements


def spans_of(text: str, *parts: str) -> list[tuple[int, int]]:
    return [(text.index(part), text.index(part) + len(part)) for part in parts]


def masking(text: str, *parts: str) -> Transcript:
    return masked(heard(text), *replacing(text, spans_of(text, *parts)))


@pytest.mark.parametrize(
    ("text", "parts", "expected"),
    [
        ("Nobody calls.", (), ["Nobody", "calls."]),
        ("John calls.", ("John",), [NAME, "calls."]),
        ("Ask John Smith, please.", ("John Smith",), ["Ask", f"{NAME},", "please."]),
        ("Ask John Smith, please.", (" John Smith",), ["Ask", f"{NAME},", "please."]),
        ("the John-Smith valve", ("John", "Smith"), ["the", f"{NAME}-{NAME}", "valve"]),
        ("John Smith Mary Jones left", ("John Smith", "Mary Jones"), [NAME, NAME, "left"]),
        ("John Smith Mary Jones left", ("John", "Smith Mary", "Jones"), [NAME, NAME, NAME, "left"]),
        ("drJohn Smithson", ("John Smith",), [f"dr{NAME}son"]),
        ("ab cd ef", ("b c", "d e"), [f"a{NAME}{NAME}f"]),
        ("all of it", ("all of it",), [NAME]),
    ],
    ids=["none", "a word", "two words", "space before", "twice in a word", "neighbours", "side by side",
         "parts of words", "chained", "everything"],
)  # fmt: skip
def test_words_are_those_of_the_masked_text(text: str, parts: tuple[str, ...], expected: list[str]) -> None:
    found = masking(text, *parts)
    assert [word.text for word in found.words] == expected
    assert found.text == replacing(text, spans_of(text, *parts))[0]
    assert found.confidence == 0.25


def test_words_that_become_one_keep_their_time_and_doubt() -> None:
    words = masking("Ask John Smith, please.", "John Smith").words
    assert words == (
        Word("Ask", 0.5, 0, 90),
        Word(f"{NAME},", 0.25, 100, 290),
        Word("please.", 0.5, 300, 390),
    )


def test_a_time_that_is_not_known_stays_unknown() -> None:
    text = "John Smith calls"
    transcript = Transcript(text, 1.0, (Word("John", 0.5), Word("Smith", 0.5, 5, 9), Word("calls", 1.0)))
    words = masked(transcript, *replacing(text, [(0, 10)])).words
    assert words == (Word(NAME, 0.25, 5, 9), Word("calls", 1.0))


def test_words_of_a_script_without_spaces_are_found() -> None:
    transcript = Transcript("请找王芳来", 1.0, (Word("请找", 1.0), Word("王", 0.5), Word("芳", 0.5), Word("来", 1.0)))
    words = masked(transcript, *replacing(transcript.text, [(2, 4)])).words
    assert [word.text for word in words] == ["请找", NAME, "来"]


@pytest.mark.parametrize(
    ("text", "replacements"),
    [
        ("[PERSON_NAME] called.", [Replacement(0, 4, 0, 13)]),
        ("calls.", []),
        ("John calls. John", []),
        ("[X] [X]", [Replacement(5, 11, 4, 7), Replacement(0, 4, 0, 3)]),
    ],
    ids=["more changed", "less", "more", "out of order"],
)
def test_an_answer_that_cannot_be_is_not_believed(text: str, replacements: list[Replacement]) -> None:
    with pytest.raises(ValueError, match="follow"):
        masked(heard("John calls."), text, replacements)


@st.composite
def _replaced(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    text = " ".join(draw(st.lists(st.text("abC,.'", min_size=1, max_size=5), min_size=1, max_size=8)))
    borders = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    return text, [(begin, end) for begin, end in zip(borders[::2], borders[1::2], strict=False)]


@given(_replaced())
def test_no_word_tells_what_the_text_does_not(given_: tuple[str, list[tuple[int, int]]]) -> None:
    text, spans = given_
    new, replacements = replacing(text, spans, by="[X]")
    found = masked(heard(text), new, replacements)
    assert found.text == new
    # The words, one behind the other, are the text: nothing of it is twice, and nothing is there that is not in it.
    position = 0
    for word in found.words:
        begin = new.index(word.text, position)
        assert not re.search(r"\S", new[position:begin].replace("[X]", ""))
        position = begin + len(word.text)
    assert not re.search(r"\S", new[position:].replace("[X]", ""))
    # Time only runs forward.
    times = [(word.begin or 0, word.end or 0) for word in found.words]
    assert times == sorted(times)
