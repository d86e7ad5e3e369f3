"""Why an update did not come about."""

from sensorium_models.errors import ModelError


class UpdateError(ModelError):
    """An update that did not come about.

    Args:
        text: what is wrong, for the operator.
        reason: stable identifier in UPPER_SNAKE_CASE.
    """

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"{text} ({reason})")
        self.reason = reason


class RefusedError(UpdateError):
    """The new version was not promoted: no caller has met it."""


class RolledBackError(UpdateError):
    """The new version answered callers for a moment and failed; the one before answers again."""
