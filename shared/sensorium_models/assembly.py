"""ONNX graphs put together node by node, for networks that are served otherwise than they were published."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from sensorium_models.graph import MAX_IR_VERSION

__all__ = ["GraphBuilder"]

Dim = int | str


class GraphBuilder:
    """A graph in the making; what adds a node returns the name of its result."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, element: int, dims: Sequence[Dim]) -> str:
        """An input of the graph, of a `TensorProto` element type."""
        self._inputs.append(helper.make_tensor_value_info(name, element, dims))
        return name

    def output(self, name: str, value: str, element: int, dims: Sequence[Dim]) -> None:
        """Make `value` an output of the graph, called `name`."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, element, dims))

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """A constant, stored once however often it is named."""
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.asarray(value, order="C"), name)
        return name

    def integers(self, *values: int) -> str:
        """int64[len(values)], as shapes and axes are given."""
        return self.constant(f"integers_{values}", np.array(values, np.int64))

    def integer(self, value: int) -> str:
        """A single int64."""
        return self.constant(f"integer_{value}", np.array(value, np.int64))

    def number(self, value: float) -> str:
        """A single float32."""
        return self.constant(f"number_{value}", np.array(value, np.float32))

    def node(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """An operator with one result."""
        return self.nodes(operator, *inputs, outputs=1, domain=domain, **attributes)[0]

    def nodes(self, operator: str, *inputs: str, outputs: int, domain: str = "", **attributes: Any) -> list[str]:
        """An operator with several results."""
        names = [f"{operator}_{len(self._nodes)}_{index}" for index in range(outputs)]
        self._nodes.append(helper.make_node(operator, list(inputs), names, domain=domain, **attributes))
        return names

    def within(self, counts: str, size: str) -> str:
        """bool[N,T]: whether an index below `size`, int64[1], is below the row's count, int64[N]."""
        steps = self.node("Range", self.integer(0), self.node("Squeeze", size), self.integer(1))
        index = self.node("Unsqueeze", steps, self.integers(0))
        return self.node("Less", index, self.node("Unsqueeze", counts, self.integers(1)))

    def floats(self, value: str) -> str:
        """`value` as float32."""
        return self.node("Cast", value, to=TensorProto.FLOAT)

    def model(self, name: str, *, opset: int, domains: Sequence[str] = ()) -> onnx.ModelProto:
        """The finished graph, of the standard operators of version `opset` and those of other `domains`."""
        graph = helper.make_graph(self._nodes, name, self._inputs, self._outputs, list(self._constants.values()))
        imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
        return helper.make_model(graph, opset_imports=imports, ir_version=MAX_IR_VERSION)
