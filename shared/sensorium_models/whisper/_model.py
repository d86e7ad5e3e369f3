"""Everything that a served Whisper consists of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sensorium_models.bytelevel import byte_level_labels
from sensorium_models.python_models import python_files
from sensorium_models.whisper._graphs import HOP, decoder, encoder
from sensorium_models.whisper._sizes import Sizes, Weights
from sensorium_models.whisper._tokens import Tokens

__all__ = ["Whisper"]


@dataclass(frozen=True)
class Whisper:
    """A network and what its tokens mean.

    Attributes:
        weights: By the names of transformers.
        sizes: Of the network.
        tokens: By what they mean.
        tokenizer: The content of its `tokenizer.json`.
        compact: Whether the decoder's matrices are 8-bit numbers: a quarter of the memory, and a decoder that is two to
            three times as fast on processors, for probabilities that are a little off.
    """

    weights: Weights
    sizes: Sizes
    tokens: Tokens
    tokenizer: Mapping[str, Any]
    compact: bool = False

    @property
    def samples(self) -> int:
        """Samples of the network's window: what is longer cannot be heard."""
        return 2 * self.sizes.frames * HOP

    def labels(self) -> list[str]:
        """What each token stands for."""
        return byte_level_labels(self.tokenizer, self.sizes.vocabulary)

    def files(self) -> dict[str, bytes]:
        """The files of its version, by path in the model's folder."""
        graphs = {
            "encoder": encoder(self.weights, self.sizes),
            "decoder": decoder(self.weights, self.sizes, suppress=self.tokens.never, compact=self.compact),
        }
        return {
            **{f"1/{name}.onnx": graph.SerializeToString() for name, graph in graphs.items()},
            **python_files("whisper", "transcription"),
        }

    def parameters(self) -> dict[str, str]:
        """What its code and the service must know, as parameters of its configuration."""
        return {
            "languages": ",".join(self.tokens.codes),
            "max_samples": str(self.samples),
            "tokens": self.tokens.parameter(positions=self.sizes.positions, samples=self.samples),
        }
