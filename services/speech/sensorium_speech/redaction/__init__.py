"""Personal data in what was heard, masked by the text service before it leaves."""

from sensorium_speech.redaction._masking import Replacement, masked
from sensorium_speech.redaction._redactor import Redactor

__all__ = ["Redactor", "Replacement", "masked"]
