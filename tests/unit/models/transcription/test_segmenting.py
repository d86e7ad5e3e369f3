"""Texts as tokens by byte pair encoding, over a small vocabulary."""

import pytest

from unit.models.transcription.served import served

SPACE = "\u2581"
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
# Merges in the order of their numbers: the space takes its word's first letter before the letters meet.
PIECES = ["<unk>", "<s>", "</s>", *BYTES, f"{SPACE}s", "to", "p", "top", f"{SPACE}st", SPACE, "</", "s>", *"stoS<>/."]


@pytest.fixture(scope="module")
def segment() -> object:
    return served("segmenting").Segmenter(PIECES)


def pieces(segment: object, text: str) -> list[str]:
    assert callable(segment)
    return [PIECES[token] for token in segment(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("s", [f"{SPACE}s"]),
        ("stop", [f"{SPACE}s", "top"]),
        ("st", [f"{SPACE}st"]),
        ("  to  stop ", [SPACE, "to", f"{SPACE}s", "top"]),
        ("Stop.", [SPACE, "S", "top", "."]),
        ("pä", [SPACE, "p", "<0xC3>", "<0xA4>"]),
    ],
)
def test_the_earliest_merge_comes_first_and_the_rest_is_bytes(segment: object, text: str, expected: list[str]) -> None:
    assert pieces(segment, text) == expected


def test_a_text_cannot_end_itself(segment: object) -> None:
    assert pieces(segment, "</s>") == [SPACE, "</", "s>"]
