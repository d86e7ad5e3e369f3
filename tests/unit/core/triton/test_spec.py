"""What a service expects of a model against what the server holds."""

from __future__ import annotations

from typing import Any

import pytest
from tritonclient.grpc import service_pb2 as pb

from sensorium_core.triton import ModelSpec, TensorSpec

SPEC = ModelSpec(
    "m",
    inputs=(TensorSpec("image", "UINT8", (-1, 224, 224, 3)),),
    outputs=(TensorSpec("scores", "FP32", (-1, 10)),),
)


def metadata(inputs: list[Any], outputs: list[Any]) -> Any:
    reply = pb.ModelMetadataResponse(name="m")
    for served, tensors in ((reply.inputs, inputs), (reply.outputs, outputs)):
        for name, datatype, shape in tensors:
            served.add(name=name, datatype=datatype, shape=shape)
    return reply


IMAGE = ("image", "UINT8", [-1, 224, 224, 3])
SCORES = ("scores", "FP32", [-1, 10])


@pytest.mark.parametrize(
    ("inputs", "outputs", "problems"),
    [
        ([IMAGE], [SCORES], []),
        ([IMAGE], [("more", "FP32", [-1]), SCORES], []),
        ([IMAGE], [], ["m: no output 'scores'"]),
        ([], [SCORES], ["m: no input 'image'"]),
        (
            [("image", "FP32", [-1, 224, 224, 3])],
            [SCORES],
            ["m: input 'image' is FP32[-1, 224, 224, 3], expected UINT8[-1, 224, 224, 3]"],
        ),
        (
            [IMAGE],
            [("scores", "FP32", [-1, 11])],
            ["m: output 'scores' is FP32[-1, 11], expected FP32[-1, 10]"],
        ),
        ([IMAGE, ("mask", "BOOL", [-1])], [SCORES], ["m: the service does not send the input 'mask'"]),
        (
            [("picture", "UINT8", [-1, 224, 224, 3])],
            [SCORES],
            ["m: no input 'image'", "m: the service does not send the input 'picture'"],
        ),
    ],
)
def test_differences_are_told_in_words(inputs: list[Any], outputs: list[Any], problems: list[str]) -> None:
    assert SPEC.differences(metadata(inputs, outputs)) == problems
