"""Settings of the text service, from environment variables with the prefix SENSORIUM_TEXT_."""

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from sensorium_core.settings import ServiceSettings


class TextSettings(ServiceSettings):
    """Attributes beyond those of every service.

    Attributes:
        models: the model repository that Triton serves the text models from; their tokenizers lie in it.
        entities_file: patterns and gazetteers that ExtractEntities always looks for; none by default.
        keys_file: named keys of pseudonyms; none by default.
    """

    model_config = SettingsConfigDict(env_prefix="SENSORIUM_TEXT_", frozen=True)

    listen: str = "127.0.0.1:50053"
    metrics_port: int = 9103
    models: Path = Path("build/models/text")
    entities_file: Path | None = None
    keys_file: Path | None = None
