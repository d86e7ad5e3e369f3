"""Redact and Restore: personal data found by patterns, rules and a model; masked or made pseudonyms, and back again."""

from sensorium_text.redaction._keys import NamedKeys
from sensorium_text.redaction._redactor import Redactor

__all__ = ["NamedKeys", "Redactor"]
