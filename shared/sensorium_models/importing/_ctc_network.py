"""A network of connectionist temporal classification as a graph, and the proof that it says what the network says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from sensorium_models.errors import ModelError
from sensorium_models.export import export_graph
from sensorium_models.importing._sounds import sounds
from sensorium_models.inference import open_model
from sensorium_models.transformer import load_network

__all__ = ["served_ctc"]

_TOLERANCE = 1e-3
_SAMPLE = 16_000


class Heard(nn.Module):
    """`log_probabilities` float32[N,T,V] of samples.

    Args:
        network: Takes sound and gives logits.
        normalize: Whether it wants sound of mean 0 and variance 1.
    """

    def __init__(self, network: nn.Module, *, normalize: bool) -> None:
        super().__init__()
        self.network = network
        self.normalize = normalize

    def forward(self, pcm: Tensor) -> Tensor:
        """`pcm` int16[N,S] -> float32[N,T,V]."""
        sound = pcm.to(torch.float32) / 32768
        if self.normalize:
            centred = sound - sound.mean(1, keepdim=True)
            sound = centred / torch.sqrt(centred.square().mean(1, keepdim=True) + 1e-7)
        return torch.log_softmax(self.network(sound).logits, -1)


def served_ctc(folder: Path, vocabulary: int, *, normalize: bool, shortest: int) -> tuple[onnx.ModelProto, float]:
    """Load the network, export and compare it; gives the largest difference of a probability, too.

    Raises:
        ModelError: transformers cannot load it, or its graph is none that every server reads, or differs.
    """
    try:
        module = Heard(load_network(folder, "AutoModelForCTC"), normalize=normalize)
        sample = torch.zeros(2, shortest + _SAMPLE, dtype=torch.int16)
        graph = export_graph(module, {"pcm": (sample, ["samples"])}, ["log_probabilities"])
        error = _difference(module, graph, vocabulary)
    except ModelError:
        raise
    except Exception as trouble:  # transformers and the exporter raise whatever their parts raise
        raise ModelError(f"the network cannot be served: {str(trouble).strip().splitlines()[0]}") from trouble
    if not error <= _TOLERANCE:
        raise ModelError(f"the exported graph differs from the network by {error:.2g} of a probability")
    return graph, error


def _difference(module: nn.Module, graph: onnx.ModelProto, vocabulary: int) -> float:
    session, error = open_model(graph), 0.0
    for pcm in sounds():
        with torch.no_grad():
            expected = module(torch.from_numpy(pcm[np.newaxis])).exp().numpy()
        if expected.shape[-1] != vocabulary:
            raise ModelError(f"the network tells {expected.shape[-1]} symbols apart, config.json says {vocabulary}")
        found = np.exp(session.run(["log_probabilities"], {"pcm": pcm[np.newaxis]})[0])
        distance = float(np.abs(found - expected).max()) if found.shape == expected.shape else float("inf")
        error = distance if not distance <= error else error
    return error
