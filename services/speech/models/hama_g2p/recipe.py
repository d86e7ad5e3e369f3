"""The pronunciation of words: characters to phonemes, those that the phoneme network of `hama_phoneme_ctc` hears.

The graph takes `characters` int32[N,L], a word a row in lower case, by index into the parameter `characters`, padded
with -1; what is not among them is 1. It gives `phonemes` int32[N,P], at most 32, by index into the labels, padded with
-1. Digits are read in Chinese: numbers must come as words.

The published network is an encoder and one step of a decoder, which the package runs for each phoneme of each word.
Here the steps are a loop inside the graph, for all words at once, and end with the last of them.
"""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, compose, helper

from sensorium_models.graph import add_constant, add_node, expose, rename_values, seal, widen
from sensorium_models.inference import open_session
from sensorium_models.recipe import Case, Recipe
from sensorium_models.wheels import Sources, Wheel

STEPS = 32
WIDTH = 128  # of the package's own rows
START, END = 1, 2
PADDING, UNKNOWN = -1, 1
STATE = ("hidden", "prev_attn")
MEMORY = ("encoder_outputs", "projected_keys", "encoder_mask", "positions")
WORDS = {
    "words of everyday": ("it", "was", "the", "best", "of", "times", "wisdom", "foolishness", "incredulity", "a"),
    "words of a plant": ("torque", "gearbox", "hydraulic", "zorvex", "weldment", "overtravel", "co-op", "valve's"),
}


def build(sources: Sources) -> onnx.ModelProto:
    """The encoder, and a loop around the decoder's step."""
    model = onnx.load(sources.file("hama", "hama/assets/encoder.onnx"))
    step = compose.add_prefix(onnx.load(sources.file("hama", "hama/assets/decoder_step.onnx")), "step/")
    for part in (model, step):
        widen(part)
    _take_characters(model)
    graph = model.graph
    graph.initializer.extend(step.graph.initializer)
    _prepare_loop(model)
    graph.node.append(
        helper.make_node(
            "Loop",
            ["sensorium/steps", "", "sensorium/start", *STATE, "sensorium/nothing_ended"],
            ["sensorium/last", *(f"sensorium/last_{name}" for name in STATE), "sensorium/ended", "sensorium/said"],
            "sensorium/loop",
            body=_body(step),
        )
    )
    rows = add_node(model, "Transpose", ["sensorium/said"], "said_by_row", perm=[1, 0])
    phonemes = add_node(model, "Cast", [rows], "phonemes", to=TensorProto.INT32)
    expose(model, {"phonemes": (phonemes, TensorProto.INT32, ["steps"])})
    return seal(model)


def _take_characters(model: onnx.ModelProto) -> None:
    """Make the encoder's `input_ids` and `input_lengths` of rows padded with -1."""
    graph = model.graph
    nodes = list(graph.node)
    del graph.node[:]
    wide = add_node(model, "Cast", ["characters"], "wide", to=TensorProto.INT64)
    zero = add_constant(model, "zero", np.array(0, np.int64))
    graph.node.append(helper.make_node("Max", [wide, zero], ["input_ids"], "sensorium/ids"))
    real = add_node(model, "GreaterOrEqual", [wide, zero], "real")
    ones = add_node(model, "Cast", [real], "ones", to=TensorProto.INT64)
    axis = add_constant(model, "axis_1", np.array([1], np.int64))
    graph.node.append(helper.make_node("ReduceSum", [ones, axis], ["input_lengths"], "sensorium/count", keepdims=0))
    graph.node.extend(nodes)
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info("characters", TensorProto.INT32, ["batch", "characters"]))


def _prepare_loop(model: onnx.ModelProto) -> None:
    """What the loop starts with, by the names it is read under."""
    add_constant(model, "steps", np.array(STEPS, np.int64))
    add_constant(model, "end", np.array(END, np.int64))
    add_constant(model, "silent", np.array(PADDING, np.int64))
    rows = add_node(model, "Shape", ["characters"], "rows", start=0, end=1)
    one = add_constant(model, "one", np.array([1], np.int64))
    shape = add_node(model, "Concat", [rows, one], "start_shape", axis=0)
    token = helper.make_tensor("start", TensorProto.INT64, [1], [START])
    add_node(model, "ConstantOfShape", [shape], "start", value=token)
    nothing = helper.make_tensor("nothing", TensorProto.BOOL, [1], [False])
    add_node(model, "ConstantOfShape", [rows], "nothing_ended", value=nothing)
    size = add_node(model, "Shape", ["encoder_outputs"], "size", start=1, end=2)
    limits = [add_constant(model, name, np.array(value, np.int64)) for name, value in (("first", 0), ("by", 1))]
    places = add_node(model, "Range", [limits[0], add_node(model, "Squeeze", [size], "stop"), limits[1]], "places")
    real = add_node(model, "Cast", [places], "real_places", to=TensorProto.FLOAT)
    model.graph.node.append(
        helper.make_node("Unsqueeze", [real, "sensorium/axis_0"], ["positions"], "sensorium/positions")
    )
    add_constant(model, "axis_0", np.array([0], np.int64))


def _body(step: onnx.ModelProto) -> onnx.GraphProto:
    """One step: the phoneme of each row, -1 for rows that have ended, and whether any has not."""
    rename_values(step, {f"step/{name}": name for name in MEMORY})
    nodes = [
        *step.graph.node,
        helper.make_node("Equal", ["step/next_token_ids", "sensorium/end"], ["step/ends"]),
        helper.make_node("Or", ["step/ended_before", "step/ends"], ["step/ended"]),
        helper.make_node("Where", ["step/ended", "sensorium/silent", "step/next_token_ids"], ["step/said"]),
        helper.make_node("Unsqueeze", ["step/next_token_ids", "sensorium/axis_1"], ["step/next"]),
        helper.make_node("Not", ["step/ended"], ["step/goes_on"]),
        helper.make_node("Cast", ["step/goes_on"], ["step/going_on"], to=TensorProto.INT32),
        helper.make_node("ReduceMax", ["step/going_on"], ["step/any"], keepdims=0),
        helper.make_node("Cast", ["step/any"], ["step/again"], to=TensorProto.BOOL),
    ]
    float32, int64, boolean = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
    inputs: dict[str, tuple[int, list[int | str]]] = {
        "step/count": (int64, []),
        "step/go": (boolean, []),
        "step/decoder_input_ids": (int64, ["batch", 1]),
        "step/hidden": (float32, [2, "batch", 96]),
        "step/prev_attn": (float32, ["batch", "places"]),
        "step/ended_before": (boolean, ["batch"]),
    }
    outputs: dict[str, tuple[int, list[int | str]]] = {
        "step/again": (boolean, []),
        "step/next": (int64, ["batch", 1]),
        "step/hidden_out": (float32, [2, "batch", 96]),
        "step/prev_attn_out": (float32, ["batch", "places"]),
        "step/ended": (boolean, ["batch"]),
        "step/said": (int64, ["batch"]),
    }
    taken, given = (
        [helper.make_tensor_value_info(name, element, dims) for name, (element, dims) in values.items()]
        for values in (inputs, outputs)
    )
    return helper.make_graph(nodes, "step", taken, given)


def labels(sources: Sources) -> list[str]:
    """The phonemes by index, in IPA."""
    return _vocabulary(sources)["decoder"]


def parameters(sources: Sources) -> dict[str, str]:
    """The characters by index, as a JSON array."""
    return {"characters": json.dumps(_vocabulary(sources)["encoder"], ensure_ascii=False, separators=(",", ":"))}


def _vocabulary(sources: Sources) -> dict[str, list[str]]:
    names: dict[str, list[str]] = json.loads(sources.file("hama", "hama/assets/g2p_vocab.json").read_text())
    return names


def cases(sources: Sources) -> Iterator[Case]:
    """The published networks, run word by word and step by step as the package does; served they are a batch."""
    network = Source(sources)
    for name, words in WORDS.items():
        rows = [[network.characters.get(character, UNKNOWN) for character in word] for word in words]
        expected = [network(row) for row in rows]
        longest = max(map(len, expected))
        # One column more: the step in which the longest word ends.
        phonemes = _padded(expected, min(longest + 1, STEPS))
        yield Case(name, {"characters": _padded(rows, max(map(len, rows)))}, {"phonemes": phonemes})


class Source:
    """The package's own way through its networks; `characters` are the indices of characters."""

    def __init__(self, sources: Sources) -> None:
        self._encoder, self._step = (
            open_session(sources.file("hama", f"hama/assets/{name}.onnx")) for name in ("encoder", "decoder_step")
        )
        self.characters = {name: index for index, name in enumerate(_vocabulary(sources)["encoder"])}

    def __call__(self, word: list[int]) -> list[int]:
        """The phonemes of a word."""
        ids = np.zeros((1, WIDTH), np.int64)
        ids[0, : len(word)] = word
        names = ["encoder_outputs", "projected_keys", "hidden", "encoder_mask", "prev_attn"]
        answer = self._encoder.run(names, {"input_ids": ids, "input_lengths": np.array([len(word)])})
        feeds: dict[str, Any] = dict(zip(names, answer, strict=True))
        feeds |= {"positions": np.arange(WIDTH, dtype=np.float32)[None], "decoder_input_ids": np.array([[START]])}
        said: list[int] = []
        for _ in range(STEPS):
            outputs = ["next_token_ids", "hidden_out", "prev_attn_out"]
            token, feeds["hidden"], feeds["prev_attn"] = self._step.run(outputs, feeds)
            if token[0] == END:
                break
            said.append(int(token[0]))
            feeds["decoder_input_ids"] = token[:, None]
        return said


def _padded(rows: list[list[int]], width: int) -> NDArray[np.int32]:
    result = np.full((len(rows), width), PADDING, np.int32)
    for values, row in zip(result, rows, strict=True):
        values[: len(row)] = row
    return result


RECIPE = Recipe(
    capability="pronounce",
    source="hama 1.3.13, encoder.onnx and decoder_step.onnx",
    license="Apache-2.0",
    wheels=(
        Wheel(
            project="hama",
            version="1.3.13",
            filename="hama-1.3.13-py3-none-any.whl",
            sha256="753ca05c6b3c99f9c8c415776848f84ebb72823f70c11fd46dd7eff5df338dbd",
        ),
    ),
    build=build,
    labels=labels,
    parameters=parameters,
    cases=cases,
    tolerances={"phonemes": 0},
)
