"""What stands next to a candidate: questions about characters that RE2, which has no look-around, leaves open."""

from typing import Any

import re2

_FIRST_IDEOGRAPH, _LAST_IDEOGRAPH = 0x3400, 0x9FFF


def linear(pattern: str) -> Any:
    """One of the service's own patterns, compiled for linear time."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def ideograph(character: str) -> bool:
    """Whether it is a Chinese character; of an empty string False."""
    return bool(character) and _FIRST_IDEOGRAPH <= ord(character) <= _LAST_IDEOGRAPH


def letter(character: str) -> bool:
    """Whether it is a letter of a script that writes words apart; of an empty string False."""
    return character.isalpha() and not ideograph(character)


def word_character(character: str) -> bool:
    """Whether it continues a word or number of such a script; of an empty string False."""
    return character == "_" or (character.isalnum() and not ideograph(character))


def at(text: str, index: int) -> str:
    """The character at the index, which may lie outside the text; then empty."""
    return text[index] if 0 <= index < len(text) else ""


def last_word(text: str, end: int) -> str:
    """The word of Latin letters that ends before `end`, white space and a point or colon between, lower case."""
    before = text[max(0, end - 24) : end].rstrip(" \t.:#")
    start = len(before)
    while start and before[start - 1].isalpha() and before[start - 1].isascii():
        start -= 1
    return before[start:].lower()
