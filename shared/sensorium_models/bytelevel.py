"""Vocabularies of byte-level BPE (Radford et al. 2019) as labels of a model that writes text."""

import json
import re
from collections.abc import Mapping
from typing import Any

from sensorium_models.errors import ModelError

__all__ = ["byte_level_labels", "read_tokenizer_json", "special_tokens"]

_SPACE = "\u2581"
_BYTES = re.compile(r"(<0x[0-9A-F]{2}>)+")


def byte_level_labels(tokenizer: Mapping[str, Any], size: int) -> list[str]:
    """What each of `size` tokens stands for.

    U+2581 stands for a space; what is no text by itself, such as a part of a character, is written as bytes,
    `<0xE4><0xBD>`; special tokens stand for themselves, `<|endoftext|>`.

    Args:
        tokenizer: The content of a `tokenizer.json`.
        size: Of the network's vocabulary.

    Raises:
        ModelError: The tokenizer is of another kind, or has tokens that the network has not.
    """
    model = tokenizer.get("model")
    vocabulary = model.get("vocab") if isinstance(model, dict) and model.get("type") in {None, "BPE"} else None
    if not isinstance(vocabulary, dict) or "Ġ" not in "".join(map(str, vocabulary)):
        raise ModelError("tokenizer.json holds no byte-level BPE")
    labels = [""] * size
    values = _byte_of_character()
    try:
        for piece, token in vocabulary.items():
            labels[token] = _label(bytes(values[character] for character in piece))
        for name, token in special_tokens(tokenizer).items():
            labels[token] = name
    except (KeyError, IndexError, TypeError) as error:
        raise ModelError(f"tokenizer.json and config.json do not belong together: {error}") from error
    return labels


def special_tokens(tokenizer: Mapping[str, Any]) -> dict[str, int]:
    """The tokens that are added to the vocabulary, by name."""
    try:
        return {str(added["content"]): int(added["id"]) for added in tokenizer.get("added_tokens", [])}
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError("tokenizer.json does not name its added tokens") from error


def read_tokenizer_json(content: bytes) -> dict[str, Any]:
    """The content of a `tokenizer.json`.

    Raises:
        ModelError: It is not JSON of an object.
    """
    try:
        found = json.loads(content)
    except ValueError as error:
        raise ModelError(f"tokenizer.json is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise ModelError("tokenizer.json holds no JSON object")
    return found


def _label(raw: bytes) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = ""
    if not text or _SPACE in text or _BYTES.fullmatch(text):
        return "".join(f"<0x{byte:02X}>" for byte in raw)
    return text.replace(" ", _SPACE)


def _byte_of_character() -> dict[str, int]:
    """GPT-2's characters for bytes: the printed ones stand for themselves, the others follow from U+0100."""
    printed = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printed]
    return {chr(byte): byte for byte in printed} | {chr(256 + place): byte for place, byte in enumerate(others)}
