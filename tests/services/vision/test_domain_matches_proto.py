"""The domain repeats numbers and defaults of the contract; here they are held together."""

import re
from pathlib import Path

import pytest

from sensorium.type.v1 import image_pb2
from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_core.streaming import item_id
from sensorium_core.triton import ModelSpec
from sensorium_vision import convert, models, streaming
from sensorium_vision.domain import ClassifyOptions, PixelFormat, ReadCodesOptions, ReadTextOptions, Symbology
from sensorium_vision.settings import VisionSettings
from sensorium_vision.text._detection import _AUTOMATIC_LIMIT

PROTO = (Path(__file__).parents[3] / "protos/sensorium/vision/v1/vision_service.proto").read_text()
IMAGE_PROTO = (Path(__file__).parents[3] / "protos/sensorium/type/v1/image.proto").read_text()


def comment(message: str, field: str, text: str = PROTO) -> str:
    """What the contract says of a field, on one line."""
    body = re.search(rf"^message {message} \{{\n(.*?)^\}}", text, re.MULTILINE | re.DOTALL)
    assert body
    found = re.search(rf"((?:^ *//[^\n]*\n)+) *(?:optional |repeated )?[\w.]+ {field} =", body.group(1), re.MULTILINE)
    assert found
    return " ".join(line.strip().removeprefix("//").strip() for line in found.group(1).splitlines())


def test_pixel_formats_have_the_contract_s_numbers() -> None:
    contract = {name.removeprefix("PIXEL_FORMAT_"): number for name, number in image_pb2.PixelFormat.items()}
    assert contract.pop("UNSPECIFIED") == 0
    assert {member.name: member.value for member in PixelFormat} == contract


def test_symbologies_have_the_contract_s_numbers() -> None:
    contract = {name.removeprefix("SYMBOLOGY_"): number for name, number in pb.Symbology.items()}
    assert {member.name: member.value for member in Symbology} == contract


@pytest.mark.parametrize(
    ("pixel_format", "size"),
    [
        (PixelFormat.MONO8, 1),
        (PixelFormat.MONO16, 2),
        (PixelFormat.BAYER_RG8, 1),
        (PixelFormat.RGB8, 3),
        (PixelFormat.BGR8, 3),
        (PixelFormat.YUV422_8, 2),
    ],
)
def test_bytes_of_a_pixel(pixel_format: PixelFormat, size: int) -> None:
    assert pixel_format.bytes_per_pixel == size


def test_the_default_of_top_k() -> None:
    assert "Default 0, which stands for 5." in comment("ClassifyOptions", "top_k")
    assert convert.classify_options(pb.ClassifyOptions()) == ClassifyOptions(top_k=5, min_score=0.0)
    assert ClassifyOptions().top_k == 5
    assert "Default 0." in comment("ClassifyOptions", "min_score")


def test_the_defaults_of_reading_text() -> None:
    assert "Default 0.5." in comment("ReadTextOptions", "min_confidence")
    assert f"Default 0: at most {_AUTOMATIC_LIMIT}," in comment("ReadTextOptions", "side_limit")
    assert convert.read_text_options(pb.ReadTextOptions()) == ReadTextOptions(side_limit=0, min_confidence=0.5)
    assert ReadTextOptions().min_confidence == 0.5


def test_the_defaults_of_reading_codes() -> None:
    assert "Default: all." in comment("ReadCodesOptions", "symbologies")
    assert "Default false." in comment("ReadCodesOptions", "include_unreadable")
    assert convert.read_codes_options(pb.ReadCodesOptions()) == ReadCodesOptions()


def test_the_defaults_of_a_stream() -> None:
    assert "0 to 32. Default 0, which stands for 4." in comment("StreamAnnotateConfig", "max_in_flight")
    assert streaming._DEFAULT_WINDOW == 4
    assert "at most 256 characters are kept" in comment("StreamFrame", "frame_id")
    assert item_id("x" * 300) == "x" * 256


@pytest.mark.parametrize(
    ("message", "model"),
    [
        ("ClassifyOptions", models.EFFICIENTNET),
        ("EmbedOptions", models.EFFICIENTNET),
        ("ReadTextOptions", models.TEXT_RECOGNITION),
        ("ReadCodesOptions", models.CODE_DETECTION),
    ],
)
def test_the_default_models(message: str, model: ModelSpec) -> None:
    assert f"Default: {model.name}." in comment(message, "model")


def test_the_size_of_an_embedding() -> None:
    assert "1280 for efficientnet_lite0" in comment("Embedding", "values")
    assert models.EFFICIENTNET.outputs[1].shape == (-1, 1280)


def test_the_limits_on_pictures_admit_what_the_contract_admits() -> None:
    fields = VisionSettings.model_fields
    assert "1 to 32768" in comment("RawFrame", "width", IMAGE_PROTO)
    assert fields["max_image_side"].default == 32_768
    assert fields["max_message_bytes"].default == 32 * 2**20
    assert "max_len: 33554432" in IMAGE_PROTO


def test_every_model_has_a_recipe_of_its_name() -> None:
    folder = Path(__file__).parents[3] / "services/vision/models"
    assert {spec.name for spec in models.ALL} == {path.parent.name for path in folder.glob("*/recipe.py")}
