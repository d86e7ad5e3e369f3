"""What tests of several modules say about findings."""

from collections.abc import Iterable

from sensorium_text.domain import PersonalDataType
from sensorium_text.redaction._patterns import find_patterns

ALL = frozenset(PersonalDataType)


def found(text: str, types: Iterable[PersonalDataType] = ALL) -> list[tuple[str, str]]:
    """Types and characters of what patterns find."""
    return [(each.type.name, each.span.of(text)) for each in find_patterns(text, frozenset(types)).findings]


def of_type(kind: PersonalDataType, text: str) -> list[str]:
    return [written for _, written in found(text, {kind})]


def wide(text: str) -> str:
    """The text in full-width characters, as Chinese input methods write them."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
