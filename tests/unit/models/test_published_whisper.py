"""Whisper's weights as CTranslate2 stores them."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensorium_models.errors import RecipeError
from sensorium_models.importing._config import speech_config
from sensorium_models.loading import load_module
from sensorium_models.whisper import CANARY, INPUTS

FOLDER = Path(__file__).parents[3] / "services" / "speech" / "optional_models" / "whisper_base"
published: Any = load_module(FOLDER / "published.py", "_published_whisper_under_test")


def name(text: str) -> bytes:
    return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"


def variable(title: str, values: np.ndarray[Any, Any]) -> bytes:
    kind = {"float16": 4, "float32": 0, "int8": 1}[values.dtype.name]
    shape = b"".join(struct.pack("<I", size) for size in values.shape)
    return (
        name(title)
        + struct.pack("<B", values.ndim)
        + shape
        + struct.pack("<BI", kind, values.nbytes)
        + values.tobytes()
    )


def norm(title: str) -> dict[str, Any]:
    return {f"{title}/gamma": np.ones(2, np.float16), f"{title}/beta": np.zeros(2, np.float16)}


def linear(title: str, first: float, outputs: int = 2) -> dict[str, Any]:
    matrix = np.arange(first, first + 2 * outputs, dtype=np.float16).reshape(outputs, 2)
    return {f"{title}/weight": matrix, f"{title}/bias": matrix[:, 0] * 10}


def stored() -> dict[str, Any]:
    found: dict[str, Any] = {"decoder/embeddings/weight": np.full((3, 2), 7, np.float16)}
    for part in ("encoder", "decoder"):
        found[f"{part}/position_encodings/encodings"] = np.zeros((4, 2), np.float32)
        found[f"{part}/num_heads"] = np.array(1, np.int8)
        found |= norm(f"{part}/layer_norm")
        layer = f"{part}/layer_0"
        found |= norm(f"{layer}/self_attention/layer_norm") | norm(f"{layer}/ffn/layer_norm")
        found |= linear(f"{layer}/self_attention/linear_0", 0, outputs=6)
        found |= linear(f"{layer}/self_attention/linear_1", 50)
        found |= linear(f"{layer}/ffn/linear_0", 60, outputs=4) | linear(f"{layer}/ffn/linear_1", 70)
    attention = "decoder/layer_0/attention"
    found |= norm(f"{attention}/layer_norm") | linear(f"{attention}/linear_0", 80)
    found |= linear(f"{attention}/linear_1", 90, outputs=4) | linear(f"{attention}/linear_2", 30)
    for number in (1, 2):
        found[f"encoder/conv{number}/weight"] = np.full((2, 2, 3), number, np.float16)
        found[f"encoder/conv{number}/bias"] = np.zeros(2, np.float16)
    return found


def file(variables: dict[str, Any], version: int = 6, specification: str = "WhisperSpec") -> bytes:
    head = struct.pack("<I", version) + name(specification) + struct.pack("<II", 3, len(variables))
    aliases = struct.pack("<I", 1) + name("decoder/projection/weight") + name("decoder/embeddings/weight")
    return head + b"".join(variable(*one) for one in variables.items()) + aliases


def test_matrices_that_are_stored_together_come_apart_under_their_names() -> None:
    weights = published.weights(file(stored()))
    layer = "model.decoder.layers.0"
    assert weights[f"{layer}.self_attn.q_proj.weight"].tolist() == [[0, 1], [2, 3]]
    assert weights[f"{layer}.self_attn.k_proj.weight"].tolist() == [[4, 5], [6, 7]]
    assert weights[f"{layer}.self_attn.v_proj.bias"].tolist() == [80, 100]
    assert weights[f"{layer}.encoder_attn.q_proj.weight"].tolist() == [[80, 81], [82, 83]]
    assert weights[f"{layer}.encoder_attn.v_proj.weight"].tolist() == [[94, 95], [96, 97]]
    assert weights[f"{layer}.encoder_attn.out_proj.weight"].tolist() == [[30, 31], [32, 33]]
    assert weights[f"{layer}.fc1.weight"].shape == (4, 2)
    assert weights["model.encoder.conv2.weight"].max() == 2
    assert weights["model.decoder.embed_tokens.weight"].dtype == np.float32


def test_keys_have_no_bias_and_encoders_look_at_nothing_else() -> None:
    names = set(published.weights(file(stored())))
    assert not any(one.endswith("k_proj.bias") for one in names)
    assert not any("encoder_attn" in one for one in names if one.startswith("model.encoder"))
    assert "model.encoder.layers.0.final_layer_norm.weight" in names


@pytest.mark.parametrize("change", [{"version": 5}, {"specification": "TransformerSpec"}])
def test_other_files_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match="no Whisper of CTranslate2"):
        published.weights(file(stored(), **change))


def test_its_configuration_is_that_of_imported_ones() -> None:
    written = (FOLDER / "config.pbtxt").read_text()
    assert speech_config("whisper_base", inputs=INPUTS, canary=CANARY) == written
