"""Settings of the speech service, from environment variables with the prefix SENSORIUM_SPEECH_."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from sensorium_core.settings import MEBIBYTE, Count, Positive, ServiceSettings
from sensorium_speech.audio import AudioLimits


class SpeechSettings(ServiceSettings):
    """Attributes beyond those of every service.

    Attributes:
        max_audio_seconds: length of the longest recording, up to an hour.
        max_streams: streams and sessions at a time; more are answered RESOURCE_EXHAUSTED.
        text_address: `host:port` of the text service, for redaction; empty where there is none.
        redaction_timeout: seconds that the text service gets to redact an utterance.
        phrase_sets: file of the database of phrase sets.
        max_phrase_sets: phrase sets that are kept at most.
        max_vocabulary_states: nodes and arcs of a vocabulary of commands. To search 15 s of speech, each takes 3 KiB of
            memory, in each work thread.
    """

    model_config = SettingsConfigDict(env_prefix="SENSORIUM_SPEECH_", frozen=True)

    listen: str = "127.0.0.1:50052"
    metrics_port: int = 9102
    # An hour of speech takes minutes to recognise, and comes in more bytes than a picture.
    max_message_bytes: Count = 128 * MEBIBYTE
    longest_call: Positive = 600.0
    max_audio_seconds: Annotated[float, Field(gt=0, le=3600)] = 3600.0
    max_streams: Count = 256
    text_address: str = ""
    redaction_timeout: Positive = 5.0
    phrase_sets: Path = Path("build/phrase_sets.sqlite")
    max_phrase_sets: Count = 10_000
    max_vocabulary_states: Count = 50_000

    def audio_limits(self) -> AudioLimits:
        """The limits on recordings."""
        return AudioLimits(self.max_audio_seconds)
