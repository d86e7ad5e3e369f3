import pytest
from tokenizers import pre_tokenizers

from sensorium_models.bytelevel import byte_level_labels, read_tokenizer_json, special_tokens
from sensorium_models.errors import ModelError


def tokenizer(*pieces: str, added: tuple[str, ...] = ()) -> dict[str, object]:
    vocabulary = {piece: index for index, piece in enumerate(pieces)}
    names = [{"id": len(vocabulary) + index, "content": name} for index, name in enumerate(added)]
    return {"model": {"type": "BPE", "vocab": vocabulary}, "added_tokens": names}


def as_bytes(text: bytes) -> str:
    """A piece as GPT-2 spells it."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    printed = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = [byte for byte in range(256) if byte not in printed]
    spelled = {byte: chr(byte) for byte in printed} | {byte: chr(256 + place) for place, byte in enumerate(others)}
    assert set(spelled.values()) == set(alphabet)
    return "".join(spelled[byte] for byte in text)


@pytest.mark.parametrize(
    ("written", "label"),
    [
        (b"the", "the"),
        (b" the", "\u2581the"),
        (b"  ", "\u2581\u2581"),
        ("größe".encode(), "größe"),
        ("你".encode(), "你"),
        ("你".encode()[:2], "<0xE4><0xBD>"),
        (b" \xe4", "<0x20><0xE4>"),
        ("\u2581".encode(), "<0xE2><0x96><0x81>"),
        (b"<0x41>", "<0x3C><0x30><0x78><0x34><0x31><0x3E>"),
        (b"\n", "\n"),
    ],
)
def test_a_piece_stands_for_its_text_or_its_bytes(written: bytes, label: str) -> None:
    assert byte_level_labels(tokenizer(as_bytes(written), "Ġ"), 2)[0] == label


def test_special_tokens_stand_for_themselves_and_gaps_for_nothing() -> None:
    given = tokenizer("Ġ", "a", added=("<|end|>",))
    assert special_tokens(given) == {"<|end|>": 2}
    assert byte_level_labels(given, 4) == ["\u2581", "a", "<|end|>", ""]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"model": 1},
        {"model": {"type": "WordPiece", "vocab": {"Ġ": 0}}},
        {"model": {"type": "BPE", "vocab": {"a": 0}}},
        {"model": {"type": "BPE", "vocab": {"Ġ": 5}}},
        {"model": {"type": "BPE", "vocab": {"Ġ": "x"}}},
        {"model": {"type": "BPE", "vocab": {"Ġ你": 0}}},
        {"model": {"type": "BPE", "vocab": {"Ġ": 0}}, "added_tokens": [{"content": "<x>"}]},
    ],
)
def test_other_tokenizers_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        byte_level_labels(given, 2)


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff"])
def test_what_is_no_json_object_is_refused(content: bytes) -> None:
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        read_tokenizer_json(content)
