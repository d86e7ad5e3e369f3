"""Small edits of ONNX graphs: bytes in, answers out, so that arithmetic runs in the server and the wire stays narrow.

The functions change the given model in place. New values and nodes are named `sensorium/...`, which no exporter uses.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from sensorium_models.errors import RecipeError

__all__ = [
    "MAX_IR_VERSION",
    "MAX_OPSET",
    "add_constant",
    "add_node",
    "expose",
    "opset",
    "rename_values",
    "seal",
    "take_padded_ids",
    "take_rgb_bytes",
    "widen",
]

# What the oldest server we promise reads: ONNX Runtime 1.19 in NVIDIA's container 24.10.
MAX_IR_VERSION = 10
MAX_OPSET = 21

Dim = int | str


def opset(model: onnx.ModelProto) -> int:
    """Version of the standard operators that `model` uses."""
    return next(entry.version for entry in model.opset_import if entry.domain in {"", "ai.onnx"})


def take_rgb_bytes(
    model: onnx.ModelProto, *, height: Dim, width: Dim, scale: float, offset: float, reverse_channels: bool
) -> None:
    """Put `image`, `uint8[batch, height, width, 3]` in RGB, before the model's only input `float32[batch, 3, h, w]`.

    The network then sees `image * scale + offset`, as BGR where `reverse_channels`. A dimension given as text is
    dynamic under that name.

    Raises:
        RecipeError: The model does not have exactly one input.
    """
    graph = model.graph
    weights = {tensor.name for tensor in graph.initializer}
    inputs = [value.name for value in graph.input if value.name not in weights]
    if len(inputs) != 1:
        raise RecipeError(f"expected a graph with one input, found {inputs}")
    factor = add_constant(model, "scale", np.array(scale, np.float32))
    term = add_constant(model, "offset", np.array(offset, np.float32))
    # The cheap moves run on bytes; only what is already in the network's order becomes float.
    nodes = [
        helper.make_node("Transpose", ["image"], ["sensorium/planes"], "sensorium/transpose", perm=[0, 3, 1, 2]),
        helper.make_node("Cast", ["sensorium/ordered"], ["sensorium/float"], "sensorium/cast", to=TensorProto.FLOAT),
        helper.make_node("Mul", ["sensorium/float", factor], ["sensorium/scaled"], "sensorium/multiply"),
        helper.make_node("Add", ["sensorium/scaled", term], [inputs[0]], "sensorium/add"),
    ]
    order = add_constant(model, "order", np.array([2, 1, 0] if reverse_channels else [0, 1, 2], np.int64))
    nodes.insert(1, helper.make_node("Gather", ["sensorium/planes", order], ["sensorium/ordered"], axis=1))
    rest = list(graph.node)
    del graph.node[:]
    graph.node.extend([*nodes, *rest])
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", height, width, 3]))


def take_padded_ids(model: onnx.ModelProto) -> None:
    """Put `input_ids` int32[batch,tokens], padded with -1, before BERT's inputs, all int64[batch,tokens].

    The network sees ids with 0 for padding, the mask that goes with them, and the token type 0.

    Raises:
        RecipeError: The model has inputs other than `input_ids`, `attention_mask` and `token_type_ids`.
    """
    graph = model.graph
    if extra := {value.name for value in graph.input} - {"input_ids", "attention_mask", "token_type_ids"}:
        raise RecipeError(f"the graph has the inputs {', '.join(sorted(extra))}, which ids alone do not determine")
    rename_values(model, {"input_ids": "sensorium/ids"})
    zero = add_constant(model, "no_id", np.array(0, np.int32))
    nodes = [
        helper.make_node("Max", ["input_ids", zero], ["sensorium/legal"], "sensorium/max"),
        helper.make_node("Cast", ["sensorium/legal"], ["sensorium/ids"], "sensorium/cast_ids", to=TensorProto.INT64),
        helper.make_node("GreaterOrEqual", ["input_ids", zero], ["sensorium/real"], "sensorium/compare"),
        helper.make_node("Cast", ["sensorium/real"], ["attention_mask"], "sensorium/cast_mask", to=TensorProto.INT64),
        helper.make_node("Sub", ["attention_mask", "attention_mask"], ["token_type_ids"], "sensorium/types"),
    ]
    rest = list(graph.node)
    del graph.node[:]
    graph.node.extend([*nodes, *rest])
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info("input_ids", TensorProto.INT32, ["batch", "tokens"]))


def add_constant(model: onnx.ModelProto, name: str, value: NDArray[Any]) -> str:
    """Store `value` in the graph and return the name that nodes refer to it by."""
    full = f"sensorium/{name}"
    model.graph.initializer.append(numpy_helper.from_array(value, full))
    return full


def add_node(model: onnx.ModelProto, operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
    """Append a node with one output and return the output's name.

    A plain `output` becomes `sensorium/<output>`; a name that is to be exposed is renamed by `expose`.
    """
    full = f"sensorium/{output}"
    model.graph.node.append(helper.make_node(operator, list(inputs), [full], f"{full}:node", **attributes))
    return full


def expose(model: onnx.ModelProto, outputs: Mapping[str, tuple[str, int, Sequence[Dim]]]) -> None:
    """Make exactly `outputs` the outputs of the graph.

    Args:
        model: The graph to change.
        outputs: By served name: the value inside the graph, its `TensorProto` element type, its dims without batch.
    """
    graph = model.graph
    del graph.output[:]
    for name, (value, element, dims) in outputs.items():
        graph.node.append(helper.make_node("Identity", [value], [name], f"sensorium/expose_{name}"))
        graph.output.append(helper.make_tensor_value_info(name, element, ["batch", *dims]))


def rename_values(model: onnx.ModelProto, names: Mapping[str, str]) -> None:
    """Give values other names, all at once, so that names can be exchanged.

    Graphs inside of nodes, the bodies of loops, are not looked at.
    """
    graph = model.graph
    for value in (*graph.input, *graph.output):
        value.name = names.get(value.name, value.name)
    for weights in graph.initializer:
        weights.name = names.get(weights.name, weights.name)
    for node in graph.node:
        for references in (node.input, node.output):
            references[:] = [names.get(name, name) for name in references]


def widen(model: onnx.ModelProto) -> None:
    """Make half precision single: processors compute in single anyway, and older runtimes err in half.

    Graphs inside of nodes are not looked at.
    """
    for tensor in model.graph.initializer:
        _widen(tensor)
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR:
                _widen(attribute.t)
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i == TensorProto.FLOAT16:
                attribute.i = TensorProto.FLOAT
    for value in (*model.graph.input, *model.graph.output):
        if value.type.tensor_type.elem_type == TensorProto.FLOAT16:
            value.type.tensor_type.elem_type = TensorProto.FLOAT


def _widen(tensor: onnx.TensorProto) -> None:
    if tensor.data_type == TensorProto.FLOAT16:
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float32), tensor.name))


def seal(model: onnx.ModelProto) -> onnx.ModelProto:
    """Make the model fit for every server we support, check it, and return it.

    Raises:
        RecipeError: It uses operators that are not standard, or a newer operator set than the servers read.
    """
    domains = {entry.domain for entry in model.opset_import} | {node.domain for node in model.graph.node}
    if extra := domains - {"", "ai.onnx"}:
        raise RecipeError(f"the graph uses operators of {', '.join(sorted(extra))}, which not every server has")
    if opset(model) > MAX_OPSET:
        raise RecipeError(f"the graph uses operator set {opset(model)}; the oldest server reads up to {MAX_OPSET}")
    model.ir_version = min(model.ir_version, MAX_IR_VERSION)
    # Shapes recorded by the exporter may contradict the new inputs; servers infer them anyway.
    del model.graph.value_info[:]
    # Labels travel in Triton's model configuration; metadata such as an alphabet would only be loaded again.
    del model.metadata_props[:]
    onnx.checker.check_model(model, full_check=True)
    return model
