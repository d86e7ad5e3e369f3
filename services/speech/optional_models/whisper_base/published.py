"""Whisper's weights as CTranslate2 stores them, under the names of transformers.

The file is a version, the name and revision of the model's specification, then each variable: its name, its dimensions,
its type and its bytes. Numbers are little-endian; a name is its length and its characters, a zero behind them.
"""

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensorium_models.errors import RecipeError
from sensorium_models.whisper import Weights

__all__ = ["weights"]

_VERSION, _SPECIFICATION = 6, "WhisperSpec"
_DTYPES = {0: "<f4", 1: "<i1", 2: "<i2", 3: "<i4", 4: "<f2"}

Array = NDArray[Any]


def weights(content: bytes) -> Weights:
    """The parameters in single precision, as `model.safetensors` has them.

    Raises:
        RecipeError: The file is none of CTranslate2's with a Whisper in it.
    """
    stored = dict(_variables(content))
    return dict(_renamed(stored))


def _variables(content: bytes) -> Iterator[tuple[str, Array]]:
    reader = _Reader(content)
    if reader.number("I") != _VERSION or reader.name() != _SPECIFICATION:
        raise RecipeError("the weights are no Whisper of CTranslate2's format 6")
    reader.number("I")  # revision
    for _ in range(reader.number("I")):
        name = reader.name()
        shape = [reader.number("I") for _ in range(reader.number("B"))]
        dtype = np.dtype(_DTYPES[reader.number("B")])
        yield name, np.frombuffer(reader.take(reader.number("I")), dtype).reshape(shape)


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content = memoryview(content)
        self._place = 0

    def take(self, size: int) -> memoryview:
        taken = self._content[self._place : self._place + size]
        self._place += size
        return taken

    def number(self, kind: str) -> int:
        (value,) = struct.unpack(f"<{kind}", self.take(struct.calcsize(f"<{kind}")))
        return int(value)

    def name(self) -> str:
        return bytes(self.take(self.number("H"))).rstrip(b"\0").decode()


def _renamed(stored: dict[str, Array]) -> Iterator[tuple[str, Array]]:
    yield "model.decoder.embed_tokens.weight", _float(stored["decoder/embeddings/weight"])
    for part in ("encoder", "decoder"):
        yield f"model.{part}.embed_positions.weight", _float(stored[f"{part}/position_encodings/encodings"])
        yield from _norm(stored, f"{part}/layer_norm", f"model.{part}.layer_norm")
        for layer in range(_layers(stored, part)):
            yield from _layer(stored, f"{part}/layer_{layer}", f"model.{part}.layers.{layer}")
    for number in (1, 2):
        for kind in ("weight", "bias"):
            yield f"model.encoder.conv{number}.{kind}", _float(stored[f"encoder/conv{number}/{kind}"])


def _layers(stored: dict[str, Array], part: str) -> int:
    return len({name.split("/")[1] for name in stored if name.startswith(f"{part}/layer_") and name.count("/") > 2})


def _layer(stored: dict[str, Array], old: str, new: str) -> Iterator[tuple[str, Array]]:
    attention = f"{old}/self_attention"
    yield from _norm(stored, f"{attention}/layer_norm", f"{new}.self_attn_layer_norm")
    yield from _linear(stored, f"{attention}/linear_0", [f"{new}.self_attn.{part}_proj" for part in "qkv"])
    yield from _linear(stored, f"{attention}/linear_1", [f"{new}.self_attn.out_proj"])
    attention = f"{old}/attention"
    if f"{attention}/linear_0/weight" in stored:
        yield from _norm(stored, f"{attention}/layer_norm", f"{new}.encoder_attn_layer_norm")
        yield from _linear(stored, f"{attention}/linear_0", [f"{new}.encoder_attn.q_proj"])
        yield from _linear(stored, f"{attention}/linear_1", [f"{new}.encoder_attn.{part}_proj" for part in "kv"])
        yield from _linear(stored, f"{attention}/linear_2", [f"{new}.encoder_attn.out_proj"])
    yield from _norm(stored, f"{old}/ffn/layer_norm", f"{new}.final_layer_norm")
    for number, name in enumerate(("fc1", "fc2")):
        yield from _linear(stored, f"{old}/ffn/linear_{number}", [f"{new}.{name}"])


def _norm(stored: dict[str, Array], old: str, new: str) -> Iterator[tuple[str, Array]]:
    yield f"{new}.weight", _float(stored[f"{old}/gamma"])
    yield f"{new}.bias", _float(stored[f"{old}/beta"])


def _linear(stored: dict[str, Array], old: str, new: list[str]) -> Iterator[tuple[str, Array]]:
    """Matrices that are stored one above the other; those that make keys have no bias."""
    for kind in ("weight", "bias"):
        for name, part in zip(new, np.split(stored[f"{old}/{kind}"], len(new)), strict=True):
            if kind == "weight" or not name.endswith(".k_proj"):
                yield f"{name}.{kind}", _float(part)


def _float(values: Array) -> Array:
    return values.astype(np.float32)
