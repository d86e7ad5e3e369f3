"""Whisper's encoder and decoder as two lean ONNX graphs.

* `encoder`: `pcm` int16[N,S], 16 kHz, up to the length of the network's window -> for each decoder layer the keys and
  values of its cross-attention, `memory.<layer>.{key,value}` float32[N,H,T,D]. Its spectrogram is the one that
  transformers computes: Hann windows of 25 ms each 10 ms, mirrored at both ends, mel bands of Slaney, logarithms within
  eight decades of the loudest.
* `decoder`: see `python_models/transcription/onnx_networks.py`. Tokens that are never wanted get no probability.

Both are exact in single precision. Where `compact`, the decoder's matrices are 8-bit numbers in blocks of 32.
"""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto

from sensorium_models.assembly import GraphBuilder
from sensorium_models.whisper._sizes import Sizes, Weights

__all__ = ["decoder", "encoder"]

OPSET = 18
MICROSOFT = "com.microsoft"
WINDOW, HOP, SAMPLE_RATE = 400, 160, 16000
EPSILON = 1e-5
BLOCK = 32
# What the logarithm of a probability is that is none.
NEVER = -1e9

Array = NDArray[Any]


def encoder(weights: Weights, sizes: Sizes) -> onnx.ModelProto:
    """Samples to what the decoder attends to."""
    g = _Graph(weights)
    x = _spectrogram(g, g.input("pcm", TensorProto.INT16, ["rows", "samples"]), sizes)
    g.input("lengths", TensorProto.INT64, ["rows"])  # silence behind the end is what the network expects
    for number, stride in ((1, 1), (2, 2)):
        name = f"model.encoder.conv{number}"
        weight, bias = g.weight(f"{name}.weight"), g.weight(f"{name}.bias")
        x = g.node("Gelu", g.node("Conv", x, weight, bias, pads=[1, 1], strides=[stride]), domain=MICROSOFT)
    x = g.node("Transpose", x, perm=[0, 2, 1])
    x = g.node("Add", x, g.weight("model.encoder.embed_positions.weight"))
    for layer in range(sizes.encoder_layers):
        x = _encoder_layer(g, x, f"model.encoder.layers.{layer}", sizes.encoder_heads)
    x = g.norm(x, "model.encoder.layer_norm")
    for layer in range(sizes.decoder_layers):
        for part in ("key", "value"):
            projected = g.linear(x, f"model.decoder.layers.{layer}.encoder_attn.{part[0]}_proj")
            heads = g.node("Reshape", projected, g.integers(0, 0, sizes.decoder_heads, _head_width(sizes)))
            g.output(f"memory.{layer}.{part}", g.node("Transpose", heads, perm=[0, 2, 1, 3]), *_memory(sizes))
    return g.model("whisper_encoder", opset=OPSET, domains=[MICROSOFT])


def decoder(
    weights: Weights, sizes: Sizes, *, suppress: Collection[int] = (), compact: bool = False
) -> onnx.ModelProto:
    """The next tokens of each text to the probabilities of the one behind them.

    Args:
        weights: By name.
        sizes: Of the network.
        suppress: Tokens that are never wanted.
        compact: Whether matrices are 8-bit numbers.
    """
    g = _CompactGraph(weights) if compact else _Graph(weights)
    tokens = g.input("tokens", TensorProto.INT64, ["hypotheses", "tokens"])
    positions = g.input("positions", TensorProto.INT64, ["hypotheses", "tokens"])
    text_mask = g.input("text_mask", TensorProto.INT32, ["hypotheses", "text"])
    places = g.node("Gather", g.weight("model.decoder.embed_positions.weight"), positions)
    x = g.node("Add", g.embedding("model.decoder.embed_tokens", tokens), places)
    for layer in range(sizes.decoder_layers):
        x = _decoder_layer(g, x, layer, sizes, text_mask)
    last = g.node("Gather", g.norm(x, "model.decoder.layer_norm"), g.integer(-1), axis=1)
    logs = g.node("LogSoftmax", g.scores("model.decoder.embed_tokens", last), axis=-1)
    unwanted = np.zeros(sizes.vocabulary, np.float32)
    unwanted[list(suppress)] = NEVER
    logs = g.node("Add", logs, g.constant("unwanted", unwanted))
    g.output("log_probabilities", logs, TensorProto.FLOAT, ["hypotheses", sizes.vocabulary])
    return g.model("whisper_decoder", opset=OPSET, domains=[MICROSOFT])


class _Graph(GraphBuilder):
    """A graph whose constants are weights, in single precision."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self._weights = weights

    def weight(self, name: str) -> str:
        """A parameter as it is."""
        return self.constant(name, self.values(name))

    def values(self, name: str) -> Array:
        return self._weights[name].astype(np.float32)

    def norm(self, x: str, name: str) -> str:
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.node("LayerNormalization", x, scale, bias, axis=-1, epsilon=EPSILON)

    def linear(self, x: str, *names: str) -> str:
        """`x` times matrices, side by side, with their biases; keys have none."""
        matrix = np.concatenate([self.values(f"{name}.weight") for name in names])
        found = [f"{name}.bias" in self._weights for name in names]
        biases = [
            self.values(f"{name}.bias") if has else np.zeros(len(self.values(f"{name}.weight")), np.float32)
            for name, has in zip(names, found, strict=True)
        ]
        label = "+".join(names)
        product = self.product(x, label, matrix)
        if not any(found):
            return product
        return self.node("Add", product, self.constant(f"{label}.bias", np.concatenate(biases)))

    def product(self, x: str, label: str, matrix: Array) -> str:
        """`x` times the transposed matrix."""
        return self.node("MatMul", x, self.constant(label, matrix.T))

    def embedding(self, name: str, tokens: str) -> str:
        """The row of each token."""
        return self.node("Gather", self.weight(f"{name}.weight"), tokens)

    def scores(self, name: str, x: str) -> str:
        """float[hypotheses,V]: how much each token's row is like `x`, float[hypotheses,width]."""
        return self.node("Gemm", x, self.weight(f"{name}.weight"), transB=1)


class _CompactGraph(_Graph):
    """A graph whose matrices are 8-bit numbers, in blocks of 32 with a scale each."""

    def product(self, x: str, label: str, matrix: Array) -> str:
        packed, scales = self._packed(label, matrix)
        attributes = {"K": matrix.shape[1], "N": len(matrix), "bits": 8, "block_size": BLOCK}
        return self.node("MatMulNBits", x, packed, scales, domain=MICROSOFT, accuracy_level=4, **attributes)

    def embedding(self, name: str, tokens: str) -> str:
        packed, scales = self._packed(name, self.values(f"{name}.weight"))
        blocks = self.node("Sub", self.floats(self.node("Gather", packed, tokens)), self.number(128.0))
        scale = self.node("Gather", scales, tokens)
        blocks = self.node("Mul", blocks, self.node("Unsqueeze", scale, self.integers(-1)))
        return self.node("Reshape", blocks, self.integers(0, 0, -1))

    def scores(self, name: str, x: str) -> str:
        return self.product(x, name, self.values(f"{name}.weight"))

    def _packed(self, label: str, matrix: Array) -> tuple[str, str]:
        """The matrix as uint8[N,K/32,32], 128 for nothing, and the scales float[N,K/32] of its blocks."""
        blocks = matrix.reshape(len(matrix), -1, BLOCK)
        scales = np.maximum(np.abs(blocks).max(-1), 1e-12) / 127
        values = np.rint(blocks / scales[..., np.newaxis]) + 128
        packed = self.constant(f"{label}/packed", values.astype(np.uint8))
        return packed, self.constant(f"{label}/scales", scales.astype(np.float32))


def _encoder_layer(g: _Graph, x: str, name: str, heads: int) -> str:
    query, key, value = _attention_inputs(g, g.norm(x, f"{name}.self_attn_layer_norm"), f"{name}.self_attn")
    attended = g.node("MultiHeadAttention", query, key, value, domain=MICROSOFT, num_heads=heads)
    x = g.node("Add", x, g.linear(attended, f"{name}.self_attn.out_proj"))
    return _feed_forward(g, x, name)


def _decoder_layer(g: _Graph, x: str, layer: int, sizes: Sizes, text_mask: str) -> str:
    name, heads = f"model.decoder.layers.{layer}", sizes.decoder_heads
    query, key, value = _attention_inputs(g, g.norm(x, f"{name}.self_attn_layer_norm"), f"{name}.self_attn")
    attended = _attend_to_past(g, [query, key, value, "", text_mask, ""], layer, sizes)
    x = g.node("Add", x, g.linear(attended, f"{name}.self_attn.out_proj"))
    query = g.linear(g.norm(x, f"{name}.encoder_attn_layer_norm"), f"{name}.encoder_attn.q_proj")
    keys, values = (g.input(f"memory.{layer}.{part}", *_memory(sizes)) for part in ("key", "value"))
    # The hypotheses of a row ask its memory together, as one query of B * S steps.
    before, rows = g.node("Shape", query), g.node("Shape", keys, start=0, end=1)
    query = g.node("Reshape", query, g.node("Concat", rows, g.integers(-1, sizes.width), axis=0))
    attended = g.node("MultiHeadAttention", query, keys, values, domain=MICROSOFT, num_heads=heads)
    x = g.node("Add", x, g.linear(g.node("Reshape", attended, before), f"{name}.encoder_attn.out_proj"))
    return _feed_forward(g, x, name)


def _attention_inputs(g: _Graph, x: str, name: str) -> list[str]:
    mixed = g.linear(x, *(f"{name}.{part}_proj" for part in "qkv"))
    return g.nodes("Split", mixed, outputs=3, axis=-1, num_outputs=3)


def _attend_to_past(g: _Graph, inputs: Sequence[str], layer: int, sizes: Sizes) -> str:
    names = [f"{layer}.{part}" for part in ("key", "value")]
    shape: list[int | str] = ["hypotheses", sizes.decoder_heads, "past", _head_width(sizes)]
    past = [g.input(f"past.{name}", TensorProto.FLOAT, shape) for name in names]
    attributes = {"num_heads": sizes.decoder_heads, "unidirectional": 1}
    attended, *present = g.nodes("MultiHeadAttention", *inputs, *past, outputs=3, domain=MICROSOFT, **attributes)
    for name, values in zip(names, present, strict=True):
        g.output(f"present.{name}", values, TensorProto.FLOAT, [*shape[:2], "present", shape[3]])
    return attended


def _feed_forward(g: _Graph, x: str, name: str) -> str:
    hidden = g.linear(g.norm(x, f"{name}.final_layer_norm"), f"{name}.fc1")
    return g.node("Add", x, g.linear(g.node("Gelu", hidden, domain=MICROSOFT), f"{name}.fc2"))


def _memory(sizes: Sizes) -> tuple[int, list[int | str]]:
    return TensorProto.FLOAT, ["rows", sizes.decoder_heads, sizes.frames, _head_width(sizes)]


def _head_width(sizes: Sizes) -> int:
    return sizes.width // sizes.decoder_heads


def _spectrogram(g: _Graph, pcm: str, sizes: Sizes) -> str:
    """float[N,bands,2*frames], logarithms of the energies in mel bands."""
    samples = g.node("Mul", g.floats(pcm), g.number(1 / 32768))
    window = 2 * sizes.frames * HOP
    missing = g.node("Sub", g.integers(window), g.node("Shape", samples, start=1, end=2))
    samples = g.node("Pad", samples, g.node("Concat", g.integers(0, 0, 0), missing, axis=0))
    mirrored = g.node("Pad", samples, g.integers(0, WINDOW // 2, 0, WINDOW // 2), mode="reflect")
    waves = g.node("Unsqueeze", mirrored, g.integers(1))
    parts = [g.node("Conv", waves, g.constant(f"dft_{name}", wave), strides=[HOP]) for name, wave in _fourier().items()]
    energies = g.node("Add", *(g.node("Mul", part, part) for part in parts))
    # The frame that is centred on the end of the window is left out.
    energies = g.node("Slice", energies, g.integers(0), g.integers(-1), g.integers(2))
    bands = g.node("MatMul", g.constant("mel", _mel_bands(sizes.bands)), energies)
    levels = g.node("Log", g.node("Max", bands, g.number(1e-10)))
    levels = g.node("Mul", levels, g.number(1 / np.log(10)))
    loudest = g.node("ReduceMax", levels, g.integers(1, 2), keepdims=1)
    levels = g.node("Max", levels, g.node("Sub", loudest, g.number(8.0)))
    return g.node("Mul", g.node("Add", levels, g.number(4.0)), g.number(0.25))


def _fourier() -> dict[str, Array]:
    """Windowed cosines and sines, float32[201,1,400] each."""
    moments = np.arange(WINDOW)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * moments / WINDOW)
    angles = 2 * np.pi * np.arange(WINDOW // 2 + 1)[:, np.newaxis] * moments / WINDOW
    waves = {"cosines": np.cos(angles) * window, "sines": np.sin(angles) * window}
    return {name: wave[:, np.newaxis].astype(np.float32) for name, wave in waves.items()}


def _mel_bands(count: int) -> Array:
    """float32[count,201], triangles over the frequencies of equal area (Slaney, Auditory Toolbox, 1998)."""
    frequencies = np.linspace(0, SAMPLE_RATE / 2, WINDOW // 2 + 1)
    edges = _hertz(np.linspace(0, _mel(SAMPLE_RATE / 2), count + 2))
    rising = (frequencies - edges[:-2, np.newaxis]) / np.diff(edges)[:-1, np.newaxis]
    falling = (edges[2:, np.newaxis] - frequencies) / np.diff(edges)[1:, np.newaxis]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return (triangles * (2 / (edges[2:] - edges[:-2]))[:, np.newaxis]).astype(np.float32)


# Slaney's scale is linear up to 1000 Hz, which are 15 mels, and from there 27 mels are a factor of 6.4.
_LINEAR, _STEP = 200 / 3, np.log(6.4) / 27


def _mel(hertz: float) -> float:
    return float(15 + np.log(hertz / 1000) / _STEP)


def _hertz(mels: Array) -> Array:
    return np.where(mels < 15, mels * _LINEAR, 1000 * np.exp(_STEP * (mels - 15)))
