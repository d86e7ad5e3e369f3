"""Moonshine's encoder and decoder as two lean ONNX graphs, made from the published, quantised weights.

The published graphs spend most of a step on bookkeeping, normalise and quantise over whole batches, so that a row's
result depends on its neighbours, and carry both decoders, with and without caches, in one file. These two compute the
same network, row by row: rows of a batch may differ in length and give what they give alone.

* `encoder`: `pcm` int16[N,S] and `lengths` int64[N] in samples -> `mask` int32[N,T], 1 where a frame is within the row,
  and for each decoder layer the keys and values of its cross-attention, `memory.<layer>.{key,value}` float32[N,8,T,36].
* `decoder`: `tokens` int64[N*B,S] and their `positions` int64[N*B,S] in the text, `mask`, the memory, the keys and
  values of the tokens before, `past.<layer>.{key,value}` float32[N*B,8,P,36], and `text_mask` int32[N*B,P+S], 0 where a
  shorter text is padded on its left -> `log_probabilities` float32[N*B,32768] of what follows the last token, and
  `present.<layer>.{key,value}` float32[N*B,8,P+S,36]. B hypotheses of a row share its memory.

The encoder runs on floats, which is no slower than 8 bits on many frames. The decoder's weights stay the 8-bit numbers
that were published; MatMulNBits quantises activations in blocks of 32 numbers of one row, finer than the source's one
scale for a whole tensor. Both need operators of ONNX Runtime (`com.microsoft`).

Architecture: Jeffries et al., "Moonshine: Speech Recognition for Live Transcription and Voice Commands", 2024.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from sensorium_models.assembly import GraphBuilder

LAYERS, HEADS, WIDTH, HEAD_WIDTH, ROTARY_WIDTH = 6, 8, 288, 36, 32
VOCABULARY = 32768
# 60 s of speech are 2,497 frames; a text is shorter by far.
POSITIONS = 4096
BLOCK = 32
EPSILON = 1e-5
OPSET = 18
MICROSOFT = "com.microsoft"

Array = NDArray[Any]


class Weights:
    """The constants of a published graph, by their names and in the order in which the graph uses them."""

    def __init__(self, model: onnx.ModelProto) -> None:
        graph = model.graph
        branch = next((node for node in graph.node if node.op_type == "If"), None)
        nodes, tensors = list(graph.node), list(graph.initializer)
        if branch is not None:  # the decoder without caches: it has every weight
            body = next(attribute.g for attribute in branch.attribute if attribute.name == "else_branch")
            nodes, tensors = list(body.node), tensors + list(body.initializer)
        self._tensors = {tensor.name: tensor for tensor in tensors}
        self.matrices = [
            node.input[1].removesuffix("_quantized")
            for node in nodes
            if node.op_type in {"DynamicQuantizeMatMul", "MatMulIntegerToFloat"}
        ]

    def __getitem__(self, name: str) -> Array:
        """The constant called `name`, or that name in the published decoder's spelling."""
        tensor = self._tensors.get(name)
        return numpy_helper.to_array(self._tensors[f"{name}_merged_0"] if tensor is None else tensor)

    def quantised(self, name: str) -> tuple[Array, np.float32, np.uint8]:
        """A matrix as uint8[inputs, outputs] with its scale and zero point: weight = (value - zero point) * scale."""
        scale, zero = self[f"{name}_scale"], self[f"{name}_zero_point"]
        return self[f"{name}_quantized"], np.float32(scale.item()), np.uint8(zero.item())


class Graph(GraphBuilder):
    """A graph whose constants are published weights."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.weights = weights

    def norm(self, value: str, weight: str) -> str:
        scale = self.constant(weight, self.weights[weight])
        return self.node("LayerNormalization", value, scale, axis=-1, epsilon=EPSILON)

    def product(self, value: str, matrices: Sequence[str], bias: str | None = None) -> str:
        """`value` times the matrices, side by side, in floats."""
        weights = []
        for matrix in matrices:
            values, scale, zero = self.weights.quantised(matrix)
            weights.append((values.astype(np.float32) - np.float32(zero)) * scale)
        result = self.node("MatMul", value, self.constant("+".join(matrices), np.concatenate(weights, 1)))
        return result if bias is None else self.node("Add", result, self.constant(bias, self.weights[bias]))

    def quantised_product(self, value: str, matrices: Sequence[str], bias: str | None = None) -> str:
        """`value` times the matrices, side by side, in 8 bits."""
        name = "+".join(matrices)
        parts = [self._blocks(matrix) for matrix in matrices]
        packed, scales, zeros = (np.concatenate([part[index] for part in parts]) for index in range(3))
        inputs = [
            value,
            self.constant(f"{name}/packed", packed),
            self.constant(f"{name}/scales", scales.ravel()),
            self.constant(f"{name}/zeros", zeros.ravel()),
        ]
        if bias is not None:
            inputs += ["", self.constant(bias, self.weights[bias])]
        attributes = {"K": packed.shape[1] * BLOCK, "N": packed.shape[0], "bits": 8, "block_size": BLOCK}
        return self.node("MatMulNBits", *inputs, domain=MICROSOFT, accuracy_level=4, **attributes)

    def _blocks(self, matrix: str) -> tuple[Array, Array, Array]:
        values, scale, zero = self.weights.quantised(matrix)
        rows, columns = values.shape
        count = (columns, rows // BLOCK)
        return values.T.reshape(*count, BLOCK), np.full(count, scale), np.full(count, zero)


def encoder(encoder_weights: Weights, decoder_weights: Weights) -> onnx.ModelProto:
    """Samples to what the decoder attends to."""
    g = Graph(encoder_weights)
    pcm = g.input("pcm", TensorProto.INT16, ["rows", "samples"])
    lengths = g.input("lengths", TensorProto.INT64, ["rows"])
    features, frames = _convolutions(g, pcm, lengths)
    inside = g.within(frames, g.node("Shape", features, start=1, end=2))
    mask = g.node("Cast", inside, to=TensorProto.INT32)
    x = features
    for layer in range(LAYERS):
        x = _encoder_layer(g, x, mask, layer)
    x = g.norm(x, "layer_norm.weight")
    g.output("mask", mask, TensorProto.INT32, ["rows", "frames"])
    g.weights = decoder_weights
    for layer in range(LAYERS):
        # The published graph makes the memory's keys first, last layer first.
        matrices = (decoder_weights.matrices[LAYERS - 1 - layer], _decoder_matrices(decoder_weights, layer)[5])
        for name, value in zip(("key", "value"), _halves(g, g.product(x, matrices)), strict=True):
            heads = g.node("Transpose", _to_heads(g, value), perm=[0, 2, 1, 3])
            g.output(f"memory.{layer}.{name}", heads, TensorProto.FLOAT, ["rows", HEADS, "frames", HEAD_WIDTH])
    return g.model("moonshine_encoder", opset=OPSET, domains=[MICROSOFT])


def decoder(weights: Weights) -> onnx.ModelProto:
    """The next tokens of each row to the probabilities of the one behind them."""
    g = Graph(weights)
    tokens = g.input("tokens", TensorProto.INT64, ["hypotheses", "tokens"])
    positions = g.input("positions", TensorProto.INT64, ["hypotheses", "tokens"])
    text_mask = g.input("text_mask", TensorProto.INT32, ["hypotheses", "text"])
    mask = g.input("mask", TensorProto.INT32, ["rows", "frames"])
    embedding, scale, zero = weights.quantised("model.decoder.embed_tokens.weight_merged_0")
    rows = g.node("Gather", g.constant("embedding", embedding), tokens)
    centred = g.node("Sub", g.floats(rows), g.number(float(zero)))
    x = g.node("Mul", centred, g.number(float(scale)))
    for layer in range(LAYERS):
        x = _decoder_layer(g, x, layer, positions=positions, text_mask=text_mask, mask=mask)
    last = g.node("Gather", g.norm(x, "model.decoder.norm.weight"), g.integer(-1), axis=1)
    logits = g.quantised_product(last, [weights.matrices[-1]])
    logs = g.node("LogSoftmax", logits, axis=-1)
    g.output("log_probabilities", logs, TensorProto.FLOAT, ["hypotheses", VOCABULARY])
    return g.model("moonshine_decoder", opset=OPSET, domains=[MICROSOFT])


def _convolutions(g: Graph, pcm: str, lengths: str) -> tuple[str, str]:
    """Features float[N,T,288] of the samples, and int64[N], how many of the T belong to a row."""
    samples = g.node("Mul", g.floats(pcm), g.number(1 / 32768))
    x = g.node("Unsqueeze", samples, g.integers(1))
    x = g.node("Tanh", g.node("Conv", x, _weight(g, "conv1.weight_add_tensor"), strides=[64]))
    frames = _shrink(g, lengths, kernel=127, stride=64)
    x = _group_norm(g, x, frames)
    for name, kernel, stride in (("conv2", 7, 3), ("conv3", 3, 2)):
        weight, bias = _weight(g, f"{name}.weight_add_tensor"), _weight(g, f"{name}.bias")
        x = g.node("Gelu", g.node("Conv", x, weight, bias, strides=[stride]), domain=MICROSOFT)
        frames = _shrink(g, frames, kernel=kernel, stride=stride)
    return g.node("Transpose", x, perm=[0, 2, 1]), frames


def _weight(g: Graph, name: str) -> str:
    return g.constant(name, g.weights[name])


def _shrink(g: Graph, length: str, *, kernel: int, stride: int) -> str:
    """How many outputs a convolution without padding makes of `length` inputs."""
    whole = g.node("Div", g.node("Sub", length, g.integers(kernel)), g.integers(stride))
    return g.node("Add", whole, g.integers(1))


def _group_norm(g: Graph, x: str, frames: str) -> str:
    """Normalises each row, float[N,288,T], by mean and variance over its own frames."""
    inside = g.floats(g.within(frames, g.node("Shape", x, start=2, end=3)))
    inside = g.node("Unsqueeze", inside, g.integers(1))
    count = g.node("Mul", g.node("ReduceSum", inside, g.integers(1, 2)), g.number(WIDTH))

    def mean(values: str) -> str:
        return g.node("Div", g.node("ReduceSum", g.node("Mul", values, inside), g.integers(1, 2)), count)

    centred = g.node("Sub", x, mean(x))
    variance = mean(g.node("Mul", centred, centred))
    spread = g.node("Sqrt", g.node("Add", variance, g.number(EPSILON)))
    scaled = g.node("Mul", g.node("Div", centred, spread), _weight(g, "onnx::Mul_2080"))
    return g.node("Add", scaled, _weight(g, "onnx::Add_2081"))


def _encoder_layer(g: Graph, x: str, mask: str, layer: int) -> str:
    key, query, value, out, up, down = g.weights.matrices[6 * layer : 6 * layer + 6]
    name = f"layers.{layer}"
    q, k, v = _thirds(g, g.product(g.norm(x, f"{name}.input_layernorm.weight"), [query, key, value]))
    start = g.integers(0)
    q, k = _rotate(g, q, start), _rotate(g, k, start)
    x = g.node("Add", x, g.product(_attend(g, q, k, v, mask), [out]))
    hidden = g.product(g.norm(x, f"{name}.post_attention_layernorm.weight"), [up], f"{name}.mlp.fc1.bias")
    hidden = g.node("Gelu", hidden, domain=MICROSOFT)
    return g.node("Add", x, g.product(hidden, [down], f"{name}.mlp.fc2.bias"))


def _decoder_layer(g: Graph, x: str, layer: int, *, positions: str, text_mask: str, mask: str) -> str:
    key, query, value, out, cross_query, _, cross_out, up, down = _decoder_matrices(g.weights, layer)
    name = f"model.decoder.layers.{layer}"
    q, k, v = _thirds(g, g.quantised_product(g.norm(x, f"{name}.input_layernorm.weight"), [query, key, value]))
    q, k = _rotate(g, q, positions), _rotate(g, k, positions)
    attended = _attend_to_past(g, [q, k, v, "", text_mask, ""], layer)
    x = g.node("Add", x, g.quantised_product(attended, [out]))
    q = g.quantised_product(g.norm(x, f"{name}.post_attention_layernorm.weight"), [cross_query])
    memory_keys, memory_values = (
        g.input(f"memory.{layer}.{part}", TensorProto.FLOAT, ["rows", HEADS, "frames", HEAD_WIDTH])
        for part in ("key", "value")
    )
    # The hypotheses of a row ask its memory together, as one query of B * S steps.
    before, rows = g.node("Shape", q), g.node("Shape", memory_keys, start=0, end=1)
    q = g.node("Reshape", q, g.node("Concat", rows, g.integers(-1, WIDTH), axis=0))
    attended = g.node("Reshape", _attend(g, q, memory_keys, memory_values, mask), before)
    x = g.node("Add", x, g.quantised_product(attended, [cross_out]))
    hidden = g.quantised_product(g.norm(x, f"{name}.final_layernorm.weight"), [up], f"{name}.mlp.fc1.bias")
    linear, gate = _halves(g, hidden)
    hidden = g.node("Mul", g.node("QuickGelu", gate, domain=MICROSOFT, alpha=1.0), linear)
    return g.node("Add", x, g.quantised_product(hidden, [down], f"{name}.mlp.fc2.bias"))


def _decoder_matrices(weights: Weights, layer: int) -> list[str]:
    """Key, query, value and output of the attention to the text, query, value and output of that to the memory, MLP."""
    first = LAYERS + 9 * layer
    return weights.matrices[first : first + 9]


def _thirds(g: Graph, x: str) -> list[str]:
    return g.nodes("Split", x, outputs=3, axis=-1, num_outputs=3)


def _halves(g: Graph, x: str) -> list[str]:
    return g.nodes("Split", x, outputs=2, axis=-1, num_outputs=2)


def _to_heads(g: Graph, x: str) -> str:
    return g.node("Reshape", x, g.integers(0, 0, HEADS, HEAD_WIDTH))


def _rotate(g: Graph, x: str, positions: str) -> str:
    """Rotary position embedding of the first 32 of each head's 36 numbers, in interleaved pairs."""
    frequencies = 10000.0 ** (-np.arange(0, ROTARY_WIDTH, 2) / ROTARY_WIDTH)
    angles = np.arange(POSITIONS)[:, None] * frequencies
    inputs = [
        x,
        positions,
        g.constant("cosines", np.cos(angles).astype(np.float32)),
        g.constant("sines", np.sin(angles).astype(np.float32)),
    ]
    attributes = {"interleaved": 1, "num_heads": HEADS, "rotary_embedding_dim": ROTARY_WIDTH}
    return g.node("RotaryEmbedding", *inputs, domain=MICROSOFT, **attributes)


def _attend(g: Graph, query: str, key: str, value: str, mask: str) -> str:
    return g.node("MultiHeadAttention", query, key, value, "", mask, domain=MICROSOFT, num_heads=HEADS)


def _attend_to_past(g: Graph, inputs: Sequence[str], layer: int) -> str:
    names = [f"{layer}.{part}" for part in ("key", "value")]
    past = [g.input(f"past.{name}", TensorProto.FLOAT, ["hypotheses", HEADS, "past", HEAD_WIDTH]) for name in names]
    attributes = {"num_heads": HEADS, "unidirectional": 1}
    attended, *present = g.nodes("MultiHeadAttention", *inputs, *past, outputs=3, domain=MICROSOFT, **attributes)
    for name, values in zip(names, present, strict=True):
        g.output(f"present.{name}", values, TensorProto.FLOAT, ["hypotheses", HEADS, "present", HEAD_WIDTH])
    return attended
