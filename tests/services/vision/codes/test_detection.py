from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensorium_core.triton import ModelDescription, parse_config
from sensorium_vision.codes._detection import FILL, SIDE, SYMBOLOGY_OF_LABEL, Detection, detections
from sensorium_vision.domain import Symbology
from sensorium_vision.models import CODE_DETECTION
from sensorium_vision.preprocess import letterbox

ROOT = Path(__file__).parents[4]
# The classes of arbez 0.2.1, in the order of the network's outputs, then those that the package names besides.
ARBEZ = [
    "qr",
    "micro_qr",
    "aztec",
    "data_matrix",
    "pdf417",
    "code_128",
    "code_39",
    "code_93",
    "ean_13",
    "ean_8",
    "upc_a",
    "upc_e",
    "gs1_databar",
    "other_1d",
    "codabar",
    "itf",
    "maxicode",
]  # fmt: skipp


def found(
    boxes: list[list[float]], scores: list[float], classes: list[int] | None = None, **given: Any
) -> list[Detection]:
    options: dict[str, Any] = {"labels": ["qr", "ean_13", "other_1d", "?"], "scale": 1.0, "size": (640, 640), **given}
    numbers = np.array(classes if classes is not None else [0] * len(boxes), np.int32)
    return detections(np.array(boxes, np.float32).reshape(-1, 4), np.array(scores, np.float32), numbers, **options)


def test_every_label_of_the_network_has_its_symbology() -> None:
    assert set(ARBEZ) <= set(SYMBOLOGY_OF_LABEL)
    assert Symbology.UNSPECIFIED not in SYMBOLOGY_OF_LABEL.values()


def test_every_label_of_the_model_that_was_built_has_its_symbology() -> None:
    built = ROOT / "build" / "models" / "vision" / CODE_DETECTION.name / "config.pbtxt"
    if not built.exists():
        pytest.skip("the models have not been built")
    labels = ModelDescription.of(parse_config(built.read_text())).labels
    assert labels == tuple(ARBEZ[:14])


def test_a_box_comes_back_in_pixels_of_the_picture() -> None:
    (one,) = found([[64, 32, 128, 96]], [0.9], [1], scale=0.32, size=(2000, 1000))
    assert one.box == pytest.approx((200, 100, 400, 300))
    assert one.score == pytest.approx(0.9)
    assert one.symbology is Symbology.EAN_13


def test_only_likely_boxes_are_taken() -> None:
    assert found([[0, 0, 50, 50], [100, 100, 150, 150]], [0.29, 0.0]) == []
    assert found([], []) == []


def test_of_a_cluster_the_most_certain_stays() -> None:
    kept = found([[0, 0, 50, 50], [2, 2, 52, 52], [200, 0, 250, 50]], [0.5, 0.8, 0.4], [0, 2, 3])
    assert [one.score for one in kept] == pytest.approx([0.8, 0.4])
    assert [one.symbology for one in kept] == [Symbology.OTHER_LINEAR] * 2


def test_boxes_are_cut_off_at_the_picture_s_edges() -> None:
    (one,) = found([[-10, -20, 30, 40]], [0.9], size=(20, 30))
    assert one.box == (0, 0, 20, 30)


@pytest.mark.parametrize("box", [[10, 300, 60, 350], [650, 10, 700, 60], [50, 20, 50, 40], [60, 20, 50, 40]])
def test_boxes_in_the_filling_or_without_an_area_are_dropped(box: list[float]) -> None:
    assert found([box], [0.9], size=(640, 100)) == []


@pytest.mark.parametrize("size", [(1280, 320), (320, 1280), (100, 100), (640, 640), (4000, 3000)])
def test_a_box_finds_its_way_through_the_letterbox_within_a_pixel(size: tuple[int, int]) -> None:
    width, height = size
    pixels = np.zeros((height, width, 3), np.uint8)
    place = (width // 4, height // 4, width // 2, height // 2)
    pixels[place[1] : place[3], place[0] : place[2]] = 255
    image, scale = letterbox(pixels, SIDE, FILL)
    y, x = np.nonzero(image[0, :, :, 0] > 127)
    box = [float(x.min()), float(y.min()), float(x.max() + 1), float(y.max() + 1)]
    (one,) = found([box], [0.9], scale=scale, size=size)
    assert np.abs(np.array(one.box) - place).max() <= 1 / min(scale, 1)
