"""How phrases are written: words and slots. Linear in the text."""

import re
from dataclasses import dataclass

from sensorium_core.errors import InvalidInputError

_SLOT = re.compile(r"\{([a-z][a-z0-9_]{0,63})\}")
# Letters with apostrophes, or a number; hyphens join them to words such as `P-101`.
_PART = r"(?:[^\W\d_]+(?:['\u2019][^\W\d_]+)*['\u2019]?|\d+(?:\.\d+)?)"
_WORD = re.compile(rf"{_PART}(?:-?{_PART})*")
_LONGEST_NUMBER = 12
_NUMBER = re.compile(rf"\d{{{_LONGEST_NUMBER + 1}}}")
_RULE = "words of letters, apostrophes, hyphens and digits, with spaces between them"


@dataclass(frozen=True)
class SlotName:
    """The place of a slot in a phrase."""

    name: str


Element = str | SlotName


def elements(phrase: str, field: str) -> tuple[Element, ...]:
    """The words and slots of a phrase.

    Args:
        phrase: as the caller wrote it.
        field: its path in the request, for errors.

    Raises:
        InvalidInputError: PHRASE_INVALID.
    """
    found: list[Element] = []
    for token in phrase.split():
        slot = _SLOT.fullmatch(token)
        found.append(SlotName(slot[1]) if slot else _word(token, field, f"{_RULE}, and {{slot}} for a slot"))
    if not found:
        raise _invalid(field, f"has no word; right are {_RULE}")
    return tuple(found)


def words(text: str, field: str) -> tuple[str, ...]:
    """The words of a text without slots.

    Raises:
        InvalidInputError: PHRASE_INVALID.
    """
    found = tuple(_word(token, field, _RULE) for token in text.split())
    if not found:
        raise _invalid(field, f"has no word; right are {_RULE}")
    return found


def _word(token: str, field: str, rule: str) -> str:
    if not _WORD.fullmatch(token):
        raise _invalid(field, f"has what is no word; right are {rule}")
    if _NUMBER.search(token):
        raise _invalid(
            field, f"has a number of more than {_LONGEST_NUMBER} digits; write it as words or shorter numbers"
        )
    return token


def _invalid(field: str, text: str) -> InvalidInputError:
    return InvalidInputError.field(field, text, reason="PHRASE_INVALID")
