"""PP-OCRv6 text detection: for each pixel the probability that it belongs to a line of text.

The graph takes `image` uint8[N,H,W,3], RGB, H and W multiples of 32, and gives `probability_map` uint8[N,H,W],
round(255 p): one byte instead of four on the wire, at a resolution far finer than any threshold on it.
"""

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import TensorProto

from sensorium_models.graph import add_constant, add_node, expose, seal, take_rgb_bytes
from sensorium_models.pictures import photograph, resized
from sensorium_models.recipe import Case, Recipe
from sensorium_models.source import OnnxSource, centred_bgr
from sensorium_models.wheels import Sources, Wheel

MODEL = "rapidocr/models/PP-OCRv6_det_small.onnx"
# Scans and a photograph, in sizes that differ in both sides: (file, height, width).
PICTURES = (("page.png", 192, 384), ("page.png", 480, 960), ("text.png", 256, 672), ("rocket.jpg", 416, 640))


def build(sources: Sources) -> onnx.ModelProto:
    """The network as published, fed with bytes and answering in bytes."""
    model = onnx.load(sources.file("rapidocr", MODEL))
    scores = model.graph.output[0].name
    take_rgb_bytes(model, height="height", width="width", scale=1 / 127.5, offset=-1.0, reverse_channels=True)
    plane = add_node(model, "Gather", [scores, add_constant(model, "first", np.array(0, np.int64))], "plane", axis=1)
    full = add_node(model, "Mul", [plane, add_constant(model, "full", np.array(255, np.float32))], "times_255")
    levels = add_node(model, "Cast", [add_node(model, "Round", [full], "round")], "levels", to=TensorProto.UINT8)
    expose(model, {"probability_map": (levels, TensorProto.UINT8, ["height", "width"])})
    return seal(model)


def labels(_sources: Sources) -> list[str]:
    """None: the map has one meaning."""
    return []


def cases(sources: Sources) -> Iterator[Case]:
    """The published network with rapidocr's preprocessing."""
    network = OnnxSource(sources.file("rapidocr", MODEL))
    for name, height, width in PICTURES:
        image = resized(photograph(name), height=height, width=width)[None]
        levels = np.round(255 * network(centred_bgr(image))[:, 0])
        yield Case(f"{name} {height}x{width}", {"image": image}, {"probability_map": levels})


RECIPE = Recipe(
    capability="text_detection",
    source="rapidocr 3.10.0, PP-OCRv6_det_small.onnx",
    license="Apache-2.0",
    wheels=(
        Wheel(
            project="rapidocr",
            version="3.10.0",
            filename="rapidocr-3.10.0-py3-none-any.whl",
            sha256="2fc34e26cd0f48514804a94f8832283039c7334076bff60768b1fed9ad068050",
        ),
    ),
    build=build,
    labels=labels,
    cases=cases,
    tolerances={"probability_map": 1},  # level of 255: a probability on the edge between two may round either way
)
