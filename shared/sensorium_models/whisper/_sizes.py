"""How large a Whisper is, as its `config.json` says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from sensorium_models.errors import ModelError

__all__ = ["Sizes", "Weights"]

Weights = Mapping[str, NDArray[Any]]
"""Parameters by the names of transformers, such as `model.encoder.conv1.weight`."""

_LARGEST = {
    "d_model": 8192,
    "encoder_layers": 128,
    "decoder_layers": 128,
    "encoder_attention_heads": 128,
    "decoder_attention_heads": 128,
    "num_mel_bins": 256,
    "max_source_positions": 1500,
    "max_target_positions": 4096,
    "vocab_size": 200_000,
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of a network.

    Attributes:
        width: Of its states.
        encoder_layers, decoder_layers: How many.
        encoder_heads, decoder_heads: Of attention.
        bands: Of the spectrogram.
        frames: Of the encoder, two spectrogram frames each.
        positions: Tokens at most.
        vocabulary: Tokens that there are.
    """

    width: int
    encoder_layers: int
    decoder_layers: int
    encoder_heads: int
    decoder_heads: int
    bands: int
    frames: int
    positions: int
    vocabulary: int

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "Sizes":
        """Reads them from the content of a `config.json`.

        Raises:
            ModelError: one is missing or cannot be, or the network is none that our graphs compute.
        """
        values = {key: _count(config, key, most) for key, most in _LARGEST.items()}
        for heads in ("encoder_attention_heads", "decoder_attention_heads"):
            if values["d_model"] % values[heads]:
                raise ModelError(f"config.json: d_model {values['d_model']} is no multiple of {heads}")
        if config.get("activation_function", "gelu") != "gelu" or config.get("scale_embedding"):
            raise ModelError(
                "config.json: activation_function must be gelu and scale_embedding false, as OpenAI has them"
            )
        return cls(*values.values())


def _count(config: Mapping[str, Any], key: str, most: int) -> int:
    value = config.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= most:
        raise ModelError(f"config.json: {key} is {value!r}; expected a number from 1 to {most:,}")
    return value
