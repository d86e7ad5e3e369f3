"""arbez YOLOX-S: where QR codes, Data Matrix, bar codes and other marks are in a picture.

The graph takes `image` uint8[N,640,640,3], RGB, scaled to fit and padded right and below with grey 114. It gives the
100 best candidates, best first: `boxes` float32[N,100,4] (x1, y1, x2, y2 in input pixels), `scores` float32[N,100]
(objectness times class probability) and `classes` int32[N,100]. Overlapping candidates are the caller's to merge.
"""

from collections.abc import Iterator
from typing import cast

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto

from sensorium_models.errors import RecipeError
from sensorium_models.graph import add_constant, add_node, expose, seal, take_rgb_bytes
from sensorium_models.loading import load_module
from sensorium_models.pictures import letterbox, photograph, with_qr_code
from sensorium_models.recipe import Case, Recipe, Tensors, largest_differences
from sensorium_models.source import OnnxSource
from sensorium_models.wheels import Sources, Wheel

MODEL = "arbez/_assets/arbez_yolox_s.onnx"
SIDE, PAD, CANDIDATES, CLASSES = 640, 114, 100, 14


def build(sources: Sources) -> onnx.ModelProto:
    """The network as published, fed with bytes, its 8,400 candidates reduced to the best 100."""
    model = onnx.load(sources.file("arbez", MODEL))
    rows = model.graph.output[0].name
    take_rgb_bytes(model, height=SIDE, width=SIDE, scale=1 / 255, offset=0.0, reverse_channels=False)
    last = add_constant(model, "last_axis", np.array([2], np.int64))
    chances = add_node(model, "ReduceMax", [_columns(model, rows, 5, 5 + CLASSES), last], "chances", keepdims=0)
    objectness = add_node(model, "Squeeze", [_columns(model, rows, 4, 5), last], "objectness")
    scores, best = _best(model, add_node(model, "Mul", [objectness, chances], "scores"))
    # Everything below runs on 100 rows instead of 8,400.
    where = add_node(model, "Unsqueeze", [best, last], "where")
    chosen = add_node(model, "GatherND", [rows, where], "chosen", batch_dims=1)
    classes = add_node(model, "ArgMax", [_columns(model, chosen, 5, 5 + CLASSES)], "class", axis=2, keepdims=0)
    centres = _columns(model, chosen, 0, 2)
    half = add_constant(model, "half", np.array(0.5, np.float32))
    reach = add_node(model, "Mul", [_columns(model, chosen, 2, 4), half], "reach")
    corners = [add_node(model, "Sub", [centres, reach], "low"), add_node(model, "Add", [centres, reach], "high")]
    expose(
        model,
        {
            "boxes": (add_node(model, "Concat", corners, "corners", axis=2), TensorProto.FLOAT, [CANDIDATES, 4]),
            "scores": (scores, TensorProto.FLOAT, [CANDIDATES]),
            "classes": (
                add_node(model, "Cast", [classes], "class_int32", to=TensorProto.INT32),
                TensorProto.INT32,
                [CANDIDATES],
            ),
        },
    )
    return seal(model)


def _columns(model: onnx.ModelProto, rows: str, first: int, end: int) -> str:
    name = f"{rows.removeprefix('sensorium/')}_{first}_{end}"
    bounds = [
        add_constant(model, f"{name}_{part}", np.array([value], np.int64))
        for part, value in (("first", first), ("end", end), ("axis", 2))
    ]
    return add_node(model, "Slice", [rows, *bounds], name)


def _best(model: onnx.ModelProto, scores: str) -> tuple[str, str]:
    count = add_constant(model, "candidates", np.array([CANDIDATES], np.int64))
    outputs = ["sensorium/best_scores", "sensorium/best_rows"]
    model.graph.node.append(onnx.helper.make_node("TopK", [scores, count], outputs, "sensorium/top", axis=1))
    return outputs[0], outputs[1]


def labels(sources: Sources) -> list[str]:
    """Symbologies by class index: the package's own enumeration, whose first entries are the network's classes."""
    types = load_module(sources.file("arbez", "arbez/types.py"), "_sensorium_arbez_types")
    names = [str(member.value) for member in types.Symbology][:CLASSES]
    model = onnx.load(sources.file("arbez", MODEL))
    classes = next(entry.value for entry in model.metadata_props if entry.key == "arbez_num_classes")
    if int(classes) != len(names):
        raise RecipeError(f"the network has {classes} classes, the package names {len(names)}")
    return names


def cases(sources: Sources) -> Iterator[Case]:
    """The published network with arbez' preprocessing, on photographs with a QR code and on one without."""
    network = OnnxSource(sources.file("arbez", MODEL))
    coffee = photograph("coffee.png")
    pictures = {
        "coffee.png with a QR code": with_qr_code(coffee, "SN 2024-00871", left=60, top=40, module=5),
        "motorcycle_left.png with a small QR code": with_qr_code(
            photograph("motorcycle_left.png"), "SN 2024-00871", left=500, top=300, module=3
        ),
        "page.png": photograph("page.png"),
    }
    for name, picture in pictures.items():
        image = letterbox(picture, side=SIDE, pad=PAD)[None]
        planes = (image.astype(np.float32) / 255).transpose(0, 3, 1, 2)
        yield Case(name, {"image": image}, _candidates(network(np.ascontiguousarray(planes))))


def _candidates(rows: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    scores = rows[..., 4] * rows[..., 5:].max(2)
    best = np.argsort(-scores, axis=1, kind="stable")[:, :CANDIDATES]
    chosen = np.take_along_axis(rows, best[..., None], 1)
    centres, reach = chosen[..., :2], chosen[..., 2:4] / 2
    return {
        "boxes": np.concatenate([centres - reach, centres + reach], 2),
        "scores": np.take_along_axis(scores, best, 1),
        "classes": cast("NDArray[np.float32]", chosen[..., 5:].argmax(2)),
    }


def measure(expected: Tensors, actual: Tensors) -> dict[str, float]:
    """Boxes and classes are compared only where the score is worth reporting: below, equal scores may swap places."""
    likely = expected["scores"] >= 0.05
    for name in ("boxes", "classes"):
        expected = {**expected, name: expected[name][likely]}
        actual = {**actual, name: actual[name][likely]}
    return largest_differences(expected, actual)


RECIPE = Recipe(
    capability="code_detection",
    source="arbez 0.2.1, arbez_yolox_s.onnx",
    license="Apache-2.0",
    wheels=(
        Wheel(
            project="arbez",
            version="0.2.1",
            filename="arbez-0.2.1-py3-none-any.whl",
            sha256="091b5b4b0a21c2acddf4bdaddfd8b89d5526b2467c703e4ab1f005a6c0914fc6",
        ),
    ),
    build=build,
    labels=labels,
    cases=cases,
    tolerances={"boxes": 0.05, "scores": 1e-3, "classes": 0},  # boxes in pixels of 640
    measure=measure,
)
