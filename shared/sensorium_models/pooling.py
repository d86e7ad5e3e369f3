"""How an embedder makes one vector of a text's tokens; apart from the networks, which load torch."""

from typing import Literal

__all__ = ["Pooling"]

Pooling = Literal["mean", "cls", "max", "lasttoken"]
"""The mean of all tokens, the first one, the largest value of each dimension, or the last one."""
