"""Parts of the text service that tests of other parts need, small and predictable."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from sensorium_core.limits import BoundedExecutor
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import ModelDescription, ModelSpec, ServedModel, TensorSpec
from sensorium_text.domain import Floats, Ids, Span
from sensorium_text.models import TextModel, TextModels
from sensorium_text.sequences import Encoding, SequenceModel, Tokenizer

CLS, SEP = 101, 102


class Characters:
    """A tokenizer of one token a character, with a special token on either side."""

    prefix: tuple[int, ...] = (CLS,)
    suffix: tuple[int, ...] = (SEP,)

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        return [
            Encoding(np.array(list(map(ord, text)), np.int32), tuple(Span(at, at + 1) for at in range(len(text))))
            for text in texts
        ]


class Served:
    """A served model that computes its answer from the padded ids; notes what it was asked."""

    def __init__(
        self,
        name: str,
        compute: Callable[[Ids], Floats],
        *,
        dims: tuple[int, ...] = (-1, -1),
        labels: tuple[str, ...] = (),
        max_batch: int = 64,
    ) -> None:
        self.name = name
        self.spec = ModelSpec(
            name, (TensorSpec("input_ids", "INT32", (-1, -1)),), (TensorSpec("answer", "FP32", dims),)
        )
        self.description = ModelDescription(labels=labels, max_batch=max_batch)
        self.asked: list[Ids] = []
        self._compute = compute

    async def infer(self, inputs: Mapping[str, Ids], outputs: Sequence[str]) -> Mapping[str, Any]:
        assert list(outputs) == ["answer"]
        tensor = inputs["input_ids"]
        self.asked.append(tensor)
        await asyncio.sleep(0)  # lets others queue up behind, as a real round trip does
        return {"answer": self._compute(tensor)}


def sequence_model(
    served: Served, work: BoundedExecutor, metrics: Metrics, tokenizer: Tokenizer | None = None, **parameters: str
) -> SequenceModel:
    """The served model behind a tokenizer, that of characters by default."""
    everything = {"capability": "embed", "max_tokens": "512", **parameters}
    return SequenceModel(cast(ServedModel, served), tokenizer or Characters(), everything, work, metrics)


class Catalog:
    """Served models by name, as `ModelCatalog` gives them, with its error for others."""

    def __init__(self, *served: Served) -> None:
        self._served = {each.name: each for each in served}

    def get(self, name: str, *, default: str, among: Sequence[str], field: str) -> Served:
        from sensorium_core.errors import NotFoundError  # noqa: PLC0415

        wanted = name or default
        if wanted not in among or wanted not in self._served:
            raise NotFoundError(f"{field}: no model {wanted!r}", reason="MODEL_NOT_FOUND")
        return self._served[wanted]


def text_models(work: BoundedExecutor, metrics: Metrics, *served: tuple[Served, str, Mapping[str, str]]) -> TextModels:
    """The models of a service: what serves each, what it is for, and further parameters."""
    found = [
        TextModel(
            cast(Any, each).spec,
            capability,
            {"capability": capability, "max_tokens": "512", **parameters},
            Characters(),
        )
        for each, capability, parameters in served
    ]
    catalog = Catalog(*(each for each, _, _ in served))
    return TextModels(found, cast(Any, catalog), work, metrics)


def letters(tensor: Ids) -> Floats:
    """An embedder: how often each letter a to h occurs, at length 1; the first component is always a little there."""
    counts = np.stack([(tensor == ord(letter)).sum(1) for letter in "abcdefgh"], 1).astype(np.float32)
    counts[:, 0] += 0.01
    result: Floats = counts / np.linalg.norm(counts, axis=1, keepdims=True)
    return result
