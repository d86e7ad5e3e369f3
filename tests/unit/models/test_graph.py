"""Graph surgery on small graphs: bytes in RGB go in, the network sees its own scale, order and layout."""

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from sensorium_models.errors import RecipeError
from sensorium_models.graph import add_constant, add_node, expose, opset, seal, take_rgb_bytes, widen
from sensorium_models.inference import open_session


def network(*, version: int = 18, operator: str = "Identity", domain: str = "") -> onnx.ModelProto:
    """A network that gives its input back: float32[batch, 3, height, width]."""
    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3, "h", "w"]) for name in ("x", "y")]
    node = helper.make_node(operator, ["x"], ["y"], domain=domain)
    graph = helper.make_graph([node], "network", value[:1], value[1:])
    opsets = [helper.make_opsetid("", version)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    return helper.make_model(graph, opset_imports=opsets)


def run(model: onnx.ModelProto, image: np.ndarray[Any, Any], tmp_path: Any) -> list[np.ndarray[Any, Any]]:
    path = tmp_path / "model.onnx"
    onnx.save(model, path)
    return list(open_session(path).run(None, {"image": image}))


@pytest.mark.parametrize(("reverse", "order"), [(False, [0, 1, 2]), (True, [2, 1, 0])])
def test_the_network_sees_scaled_planes_in_its_order(reverse: bool, order: list[int], tmp_path: Any) -> None:
    model = network()
    take_rgb_bytes(model, height="height", width="width", scale=0.5, offset=-1.0, reverse_channels=reverse)
    expose(model, {"planes": ("y", TensorProto.FLOAT, [3, "height", "width"])})
    image = np.arange(2 * 4 * 5 * 3, dtype=np.uint8).reshape(2, 4, 5, 3)
    (planes,) = run(seal(model), image, tmp_path)
    np.testing.assert_array_equal(planes, (image[..., order] * np.float32(0.5) - 1).transpose(0, 3, 1, 2))


def test_a_fixed_size_is_in_the_graph() -> None:
    model = network()
    take_rgb_bytes(model, height=48, width="width", scale=1.0, offset=0.0, reverse_channels=False)
    shape = model.graph.input[0].type.tensor_type.shape.dim
    assert [dim.dim_param or dim.dim_value for dim in shape] == ["batch", 48, "width", 3]


def test_nodes_can_be_added_and_only_the_exposed_values_come_out(tmp_path: Any) -> None:
    model = network()
    take_rgb_bytes(model, height="height", width="width", scale=1.0, offset=0.0, reverse_channels=False)
    first = add_node(model, "Gather", ["y", add_constant(model, "zero", np.array(0, np.int64))], "first", axis=1)
    levels = add_node(model, "Cast", [first], "levels", to=TensorProto.UINT8)
    expose(model, {"red": (levels, TensorProto.UINT8, ["height", "width"])})
    image = np.arange(2 * 2 * 3, dtype=np.uint8).reshape(1, 2, 2, 3)
    (red,) = run(seal(model), image, tmp_path)
    np.testing.assert_array_equal(red, image[..., 0])


def test_a_graph_with_two_inputs_is_refused() -> None:
    model = network()
    model.graph.input.append(helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["n"]))
    with pytest.raises(RecipeError, match=r"one input, found \['x', 'mask'\]"):
        take_rgb_bytes(model, height=1, width=1, scale=1.0, offset=0.0, reverse_channels=False)


def test_sealing_keeps_what_old_servers_read_and_drops_the_rest() -> None:
    model = network(version=21)
    model.ir_version = 13
    model.metadata_props.add(key="character", value="abc")
    sealed = seal(model)
    assert (sealed.ir_version, opset(sealed), len(sealed.metadata_props)) == (10, 21, 0)


def test_operators_that_a_server_may_not_have_are_refused() -> None:
    with pytest.raises(RecipeError, match=r"operators of com\.microsoft"):
        seal(network(operator="Gelu", domain="com.microsoft"))


def test_an_operator_set_newer_than_the_oldest_server_is_refused() -> None:
    with pytest.raises(RecipeError, match="operator set 22; the oldest server reads up to 21"):
        seal(network(version=22))


def test_half_precision_becomes_single(tmp_path: Any) -> None:
    half = TensorProto.FLOAT16
    value = [helper.make_tensor_value_info(name, half, ["n"]) for name in ("x", "y")]
    constant = helper.make_tensor("one", half, [1], [1.0])
    nodes = [
        helper.make_node("Constant", [], ["one"], value=constant),
        helper.make_node("Add", ["x", "one"], ["sum"]),
        helper.make_node("Mul", ["sum", "weight"], ["product"]),
        helper.make_node("Cast", ["product"], ["y"], to=half),
    ]
    graph = helper.make_graph(nodes, "half", value[:1], value[1:], [helper.make_tensor("weight", half, [1], [3.0])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    widen(model)
    onnx.save(seal(model), tmp_path / "model.onnx")
    # 2049 has no half: it would become 2048.
    (answer,) = open_session(tmp_path / "model.onnx").run(None, {"x": np.array([2048.0], np.float32)})
    np.testing.assert_array_equal(answer, np.array([2049.0 * 3], np.float32))
