"""PP-OCRv6 text recognition: the characters of one line, as a CTC path over an alphabet of 18,710 entries.

The graph takes `image` uint8[N,48,W,3], RGB, and gives for each of T time steps the best entry and its probability:
`indices` int32[N,T] and `confidences` float32[N,T], and the probability of a space, `space_confidences` float32[N,T],
which the decoder needs where a blank narrowly beats it. The full distribution, megabytes per line, stays in the server.
Shorter lines of a batch are padded on the right with grey 127: the source pads with the middle of its value range.
"""

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import TensorProto

from sensorium_models.errors import RecipeError
from sensorium_models.graph import add_constant, add_node, expose, seal, take_rgb_bytes
from sensorium_models.pictures import photograph, resized
from sensorium_models.recipe import Case, Recipe
from sensorium_models.source import OnnxSource, centred_bgr
from sensorium_models.wheels import Sources, Wheel

MODEL = "rapidocr/models/PP-OCRv6_rec_small.onnx"
HEIGHT = 48
ENTRIES = 18710
# Rows of single lines and the width they are read at: (file, first row, row behind the last, width).
LINES = (("page.png", 5, 38, 512), ("page.png", 60, 84, 768), ("page.png", 92, 120, 640))


def build(sources: Sources) -> onnx.ModelProto:
    """The network as published, fed with bytes, its distributions reduced to the best entry."""
    model = onnx.load(sources.file("rapidocr", MODEL))
    scores = model.graph.output[0].name
    take_rgb_bytes(model, height=HEIGHT, width="width", scale=1 / 127.5, offset=-1.0, reverse_channels=True)
    best = add_node(model, "ArgMax", [scores], "best", axis=2, keepdims=0)
    indices = add_node(model, "Cast", [best], "best_int32", to=TensorProto.INT32)
    # This model's operator set still has the axes of ReduceMax as an attribute.
    confidences = add_node(model, "ReduceMax", [scores], "confidence", axes=[2], keepdims=0)
    last = add_constant(model, "space", np.array(ENTRIES - 1, np.int64))
    spaces = add_node(model, "Gather", [scores, last], "space_confidence", axis=2)
    expose(
        model,
        {
            "indices": (indices, TensorProto.INT32, ["steps"]),
            "confidences": (confidences, TensorProto.FLOAT, ["steps"]),
            "space_confidences": (spaces, TensorProto.FLOAT, ["steps"]),
        },
    )
    return seal(model)


def labels(sources: Sources) -> list[str]:
    """The alphabet by index: the CTC blank as "", then the characters of the model's metadata, then the space."""
    model = onnx.load(sources.file("rapidocr", MODEL))
    characters = next(entry.value for entry in model.metadata_props if entry.key == "character")
    # Not splitlines(): it would also split at characters that are entries themselves.
    alphabet = ["", *characters.split("\n"), " "]
    if len(alphabet) != ENTRIES:
        raise RecipeError(f"the alphabet has {len(alphabet)} entries where the network has {ENTRIES}")
    return alphabet


def cases(sources: Sources) -> Iterator[Case]:
    """The published network with rapidocr's preprocessing."""
    network = OnnxSource(sources.file("rapidocr", MODEL))
    for name, top, bottom, width in LINES:
        image = resized(photograph(name)[top:bottom], height=HEIGHT, width=width)[None]
        scores = network(centred_bgr(image))
        expected = {"indices": scores.argmax(2), "confidences": scores.max(2), "space_confidences": scores[:, :, -1]}
        yield Case(f"{name} rows {top}-{bottom}", {"image": image}, expected)


RECIPE = Recipe(
    capability="text_recognition",
    source="rapidocr 3.10.0, PP-OCRv6_rec_small.onnx",
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
    tolerances={"indices": 0, "confidences": 1e-3, "space_confidences": 1e-3},
)
