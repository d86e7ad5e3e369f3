"""PP-OCR line orientation: whether a line of text stands upright or on its head.

The graph takes `image` uint8[N,48,192,3], RGB, and gives `probabilities` float32[N,2] for "0" and "180" degrees.
"""

from collections.abc import Iterator

import onnx
from onnx import TensorProto

from sensorium_models.graph import expose, seal, take_rgb_bytes
from sensorium_models.pictures import photograph, resized
from sensorium_models.recipe import Case, Recipe
from sensorium_models.source import OnnxSource, centred_bgr
from sensorium_models.wheels import Sources, Wheel

MODEL = "rapidocr/models/ch_ppocr_mobile_v2.0_cls_mobile.onnx"
HEIGHT, WIDTH = 48, 192
# Rows of single lines: (file, first row, row behind the last).
LINES = (("page.png", 5, 38), ("page.png", 60, 84), ("page.png", 92, 120))


def build(sources: Sources) -> onnx.ModelProto:
    """The network as published, fed with bytes."""
    model = onnx.load(sources.file("rapidocr", MODEL))
    scores = model.graph.output[0].name
    take_rgb_bytes(model, height=HEIGHT, width=WIDTH, scale=1 / 127.5, offset=-1.0, reverse_channels=True)
    expose(model, {"probabilities": (scores, TensorProto.FLOAT, [2])})
    return seal(model)


def labels(_sources: Sources) -> list[str]:
    """Degrees the line is turned by."""
    return ["0", "180"]


def cases(sources: Sources) -> Iterator[Case]:
    """The published network with rapidocr's preprocessing, on lines upright and turned."""
    network = OnnxSource(sources.file("rapidocr", MODEL))
    for name, top, bottom in LINES:
        line = resized(photograph(name)[top:bottom], height=HEIGHT, width=WIDTH)
        for degrees, image in (("0", line[None]), ("180", line[None, ::-1, ::-1].copy())):
            expected = {"probabilities": network(centred_bgr(image))}
            yield Case(f"{name} rows {top}-{bottom} turned by {degrees}", {"image": image}, expected)


RECIPE = Recipe(
    capability="line_orientation",
    source="rapidocr 3.10.0, ch_ppocr_mobile_v2.0_cls_mobile.onnx",
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
    tolerances={"probabilities": 1e-4},
)
