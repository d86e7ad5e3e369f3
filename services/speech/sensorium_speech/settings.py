"""Settings of the speech service, from environment variables with the prefix SENSORIUM_SPEECH_."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from sensorium_core.settings import MEBIBYTE, Count, Positive, ServiceSettings
from sensorium_speech.audio import AudioLimits


class SpeechSettings(ServiceSettings):
    """Attributes beyond those of every service.

    Attributes:
        max_audio_seconds: length of the longest recording, up to an hour.
        max_streams: streams and sessions at a time; more are answered RESOURCE_EXHAUSTED.
        models: the model repository that Triton serves the speech models from; further ones that transcribe lie in it.
        text_address: `host:port` of the text service, for redaction; empty where there is none.
        text_ca: PEM file with the CAs of its certificate; with it the way there is TLS.
        text_certificate, text_key: PEM files that we show it; it must let us call Redact.
        text_server_name: the name in its certificate, where it is not the one in `text_address`.
        text_api_key: says who we are, where it does not ask for certificates.
        text_allow_plaintext: speak to a text service on another machine without TLS.
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
    models: Path = Path("build/models/speech")
    text_address: str = ""
    text_ca: Path | None = None
    text_certificate: Path | None = None
    text_key: Path | None = None
    text_server_name: str = ""
    text_api_key: SecretStr = SecretStr("")
    text_allow_plaintext: bool = False
    redaction_timeout: Positive = 5.0
    phrase_sets: Path = Path("build/phrase_sets.sqlite")
    max_phrase_sets: Count = 10_000
    max_vocabulary_states: Count = 50_000

    @model_validator(mode="after")
    def _text_is_spoken_to_safely(self) -> Self:
        self.check_peer("text")
        return self

    def audio_limits(self) -> AudioLimits:
        """The limits on recordings."""
        return AudioLimits(self.max_audio_seconds)
