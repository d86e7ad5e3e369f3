"""Messages of plain values, whose texts protobuf can carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from google.protobuf.message import Message

from sensorium_client._errors import ErrorDetails, FieldViolation, InvalidInputError

M = TypeVar("M", bound=Message)

Fields: TypeAlias = dict[str, Any]
"""A message's fields by name, messages within it likewise; None leaves a field out."""


def build(kind: type[M], fields: Mapping[str, Any], path: str = "") -> M:
    r"""A message with these fields.

    Args:
        kind: the message's class.
        fields: as `Fields`.
        path: where the message lies in its request, for errors.

    Raises:
        InvalidInputError: TEXT_NOT_UTF8: a text has a lone surrogate, as `json.loads` makes of an escape such as
            `\ud800`; it is no character, and UTF-8 has no bytes for it.
    """
    try:
        return kind(**fields)
    except UnicodeEncodeError:
        failure = _not_utf8(_bad_text(fields, path) or path)
    raise failure  # here, so that its traceback does not lead to the text itself


def invalid(field: str, text: str, reason: str = "INVALID_ARGUMENT") -> InvalidInputError:
    """The error for one wrong field of a request, found before sending; `text` says what would be right."""
    details = ErrorDetails(reason=reason, violations=(FieldViolation(field, text),))
    return InvalidInputError(f"{field}: {text}", details=details)


def _not_utf8(field: str) -> InvalidInputError:
    return invalid(field, "is not UTF-8: a lone surrogate is no character", "TEXT_NOT_UTF8")


def _bad_text(value: Any, path: str) -> str | None:
    """The path of the first text that UTF-8 cannot hold."""
    if isinstance(value, str):
        return None if _is_unicode(value) else path
    if isinstance(value, Mapping):
        pairs = ((f"{path}.{name}" if path else name, part) for name, part in value.items())
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        pairs = ((f"{path}[{place}]", part) for place, part in enumerate(value))
    else:
        return None
    return next((found for place, part in pairs if (found := _bad_text(part, place))), None)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
