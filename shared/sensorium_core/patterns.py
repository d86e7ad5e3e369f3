"""Callers' regular expressions, in RE2: matching takes linear time, whatever the pattern and the text."""

import re2

from sensorium_core.errors import InvalidInputError

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


def compile_pattern(text: str, field: str) -> object:
    """The compiled pattern.

    Args:
        text: a regular expression in RE2 syntax.
        field: path of the request's field, for the error.

    Raises:
        InvalidInputError: PATTERN_INVALID, also for a pattern whose program takes more memory than RE2 allows.
    """
    try:
        return re2.compile(text, _OPTIONS)
    except re2.error as error:
        problem = f"not a regular expression in RE2 syntax: {error.args[0].decode(errors='replace')}"
        raise InvalidInputError.field(field, problem, reason="PATTERN_INVALID") from error
