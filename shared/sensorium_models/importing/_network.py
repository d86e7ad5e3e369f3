"""The network of a folder as a graph, and the proof that the graph says what the network says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import nn

from sensorium_models.errors import ModelError
from sensorium_models.export import export_text_encoder
from sensorium_models.importing._architecture import Architecture
from sensorium_models.inference import open_model
from sensorium_models.texts import padded
from sensorium_models.transformer import Classifier, Embedder, load_network, most_positions

__all__ = ["ServedNetwork", "served_network"]

_TOLERANCE = 1e-3
_FEWEST_TOKENS = 3


@dataclass(frozen=True, slots=True)
class ServedNetwork:
    """A network with pooling or softmax around it, and the graph made of it.

    Attributes:
        module: Takes `input_ids` int32[N,T].
        graph: The same, sealed.
        output: Name of its output.
        dims: Of the output behind the batch, -1 for the tokens.
        max_tokens: Longest sequence.
    """

    module: nn.Module
    graph: onnx.ModelProto
    output: str
    dims: tuple[int, ...]
    max_tokens: int

    def compare(self, rows: Sequence[Sequence[int]]) -> float:
        """The largest difference between the graph, given all rows padded, and the network, given each alone.

        Raises:
            ModelError: It is too large, or not a number.
        """
        try:
            together = open_model(self.graph).run([self.output], {"input_ids": padded(rows)})[0]
        except Exception as error:  # ONNX Runtime's errors have no common class but this
            raise ModelError(f"the exported graph fails on real sentences: {_cause(error)}") from error
        largest = 0.0
        for row, values in zip(rows, together, strict=True):
            alone = _outcome(self.module, [row])[0]
            distance = float(
                np.abs(values[: len(row)] - alone).max() if values.ndim > 1 else np.abs(values - alone).max()
            )
            largest = distance if not distance <= largest else largest
        if not largest <= _TOLERANCE:
            raise ModelError(
                f"the exported graph differs from the network by {largest:.2g} on real sentences, which is more than "
                f"{_TOLERANCE:g}: networks of this kind cannot be served"
            )
        return largest


def served_network(folder: Path, architecture: Architecture) -> ServedNetwork:
    """Load the network and export it.

    Raises:
        ModelError: transformers cannot load it, or its graph is none that every server reads.
    """
    network = _loaded(folder, architecture)
    longest = min(architecture.max_tokens, most_positions(network) or architecture.max_tokens)
    if longest < _FEWEST_TOKENS:
        raise ModelError(f"config.json: max_position_embeddings leaves room for {longest} tokens")
    embeds = architecture.capability == "embed"
    module = Embedder(network, architecture.pooling) if embeds else Classifier(network)
    output = "embedding" if embeds else "probabilities"
    shape = _outcome(module, [[0, 0, 0]]).shape
    if not embeds and shape[-1] != len(architecture.labels):
        raise ModelError(f"the network tells {shape[-1]} classes apart, id2label names {len(architecture.labels)}")
    dims = (-1, *shape[2:]) if len(shape) > 2 else shape[1:]
    return ServedNetwork(module, _exported(module, output), output, tuple(dims), longest)


def _loaded(folder: Path, architecture: Architecture) -> nn.Module:
    try:
        return load_network(folder, architecture.task)
    except ModelError:
        raise
    except Exception as error:  # transformers raises whatever its parts raise
        raise ModelError(f"transformers cannot load the model: {_cause(error)}") from error


def _exported(module: nn.Module, output: str) -> onnx.ModelProto:
    try:
        return export_text_encoder(module, [output])
    except ModelError:
        raise
    except Exception as error:  # as above, and the exporter too
        raise ModelError(f"the network cannot be exported: {_cause(error)}") from error


def _outcome(module: nn.Module, rows: Sequence[Sequence[int]]) -> Any:
    try:
        with torch.no_grad():
            return module(torch.from_numpy(padded(rows))).numpy()
    except Exception as error:  # as above
        raise ModelError(f"the network fails on real sentences: {_cause(error)}") from error


def _cause(error: BaseException) -> str:
    """The first line of what went wrong first; the rest is for those who wrote the library."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
