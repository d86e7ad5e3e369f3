"""Graphs put together node by node."""

from pathlib import Path

import numpy as np
from onnx import TensorProto

from sensorium_models.assembly import GraphBuilder
from sensorium_models.graph import seal
from unit.models.graphs import answer


def test_a_graph_computes_what_its_nodes_say(tmp_path: Path) -> None:
    builder = GraphBuilder()
    x = builder.input("x", TensorProto.INT16, ["batch", "width"])
    low, high = builder.nodes("Split", builder.floats(x), outputs=2, axis=1, num_outputs=2)
    shifted = builder.node("Add", high, builder.number(0.5))
    builder.output("y", builder.node("Mul", low, shifted), TensorProto.FLOAT, ["batch", "half"])
    result = answer(seal(builder.model("test", opset=18)), {"x": np.array([[1, 2, 3, 4]], np.int16)}, tmp_path)
    np.testing.assert_array_equal(result["y"], [[3.5, 9.0]])


def test_a_mask_tells_what_belongs_to_each_row(tmp_path: Path) -> None:
    builder = GraphBuilder()
    counts = builder.input("counts", TensorProto.INT64, ["batch"])
    size = builder.integers(4)
    builder.output("inside", builder.within(counts, size), TensorProto.BOOL, ["batch", "width"])
    result = answer(seal(builder.model("test", opset=18)), {"counts": np.array([0, 3, 9])}, tmp_path)
    np.testing.assert_array_equal(result["inside"], [[0, 0, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]])


def test_a_constant_is_stored_once_and_keeps_its_shape() -> None:
    builder = GraphBuilder()
    assert builder.integer(7) == builder.integer(7)
    builder.integers(7)
    builder.output("y", builder.integer(7), TensorProto.INT64, [])
    stored = builder.model("constants", opset=18).graph.initializer
    assert [tuple(tensor.dims) for tensor in stored] == [(), (1,)]


def test_operators_of_other_domains_must_be_named() -> None:
    builder = GraphBuilder()
    x = builder.input("x", TensorProto.FLOAT, ["batch"])
    builder.output("y", builder.node("Gelu", x, domain="com.microsoft"), TensorProto.FLOAT, ["batch"])
    model = builder.model("gelu", opset=18, domains=["com.microsoft"])
    assert {entry.domain: entry.version for entry in model.opset_import} == {"": 18, "com.microsoft": 1}
