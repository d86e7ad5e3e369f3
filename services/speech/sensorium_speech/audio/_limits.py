"""How long a recording may be and of what rates and channels; checked before anything is decoded."""

from dataclasses import dataclass

from sensorium_core.errors import InvalidInputError

LOWEST_RATE, HIGHEST_RATE = 8_000, 48_000
MOST_CHANNELS = 8


@dataclass(frozen=True)
class AudioLimits:
    """The longest recording, in seconds."""

    max_seconds: float

    def check(self, field: str, rate: int, channels: int, frames: int) -> None:
        """Refuses a recording that the service does not take.

        Args:
            field: path of the audio in the request.
            rate: samples a second.
            channels: in the recording.
            frames: samples of each channel; as many as are known.

        Raises:
            InvalidInputError: SAMPLE_RATE_UNSUPPORTED, CHANNEL_COUNT_UNSUPPORTED or AUDIO_TOO_LONG.
        """
        if not LOWEST_RATE <= rate <= HIGHEST_RATE:
            text = f"{rate} samples a second; {LOWEST_RATE} to {HIGHEST_RATE} are taken"
            raise InvalidInputError.field(field, text, reason="SAMPLE_RATE_UNSUPPORTED")
        if not 1 <= channels <= MOST_CHANNELS:
            text = f"{channels} channels; 1 to {MOST_CHANNELS} are taken"
            raise InvalidInputError.field(field, text, reason="CHANNEL_COUNT_UNSUPPORTED")
        if frames > self.max_seconds * rate:
            raise self.too_long(field)

    def too_long(self, field: str) -> InvalidInputError:
        """The error for a recording beyond the limit."""
        text = f"the recording is longer than {self.max_seconds:g} seconds, the most that is taken"
        return InvalidInputError.field(field, text, reason="AUDIO_TOO_LONG", max_seconds=f"{self.max_seconds:g}")
