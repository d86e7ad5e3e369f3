from typing import Any

import numpy as np
import pytest

from sensorium.type.v1 import geometry_pb2, image_pb2, request_context_pb2
from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_core.call import Call, Stage, serving
from sensorium_core.errors import InvalidInputError
from sensorium_core.validation import validate
from sensorium_vision import convert
from sensorium_vision.domain import (
    Annotation,
    ClassifyOptions,
    Code,
    EmbedOptions,
    EncodedImage,
    ImageSource,
    Label,
    PixelFormat,
    RawFrame,
    ReadCodesOptions,
    Region,
    Symbology,
    TextLine,
)

SQUARE = np.array([[1, 2], [3, 2], [3, 4.5], [1, 4.5]], np.float32)
VERTICES = [(1, 2), (3, 2), (3, 4.5), (1, 4.5)]


def vertices(polygon: geometry_pb2.Polygon) -> list[tuple[float, float]]:
    return [(point.x, point.y) for point in polygon.vertices]


def test_an_encoded_picture() -> None:
    assert convert.image_source(image_pb2.Image(encoded=b"abc")) == ImageSource(EncodedImage(b"abc"))


def test_a_raw_frame_with_a_region() -> None:
    message = image_pb2.Image(
        raw_frame=image_pb2.RawFrame(
            width=2, height=3, stride=4, pixel_format=image_pb2.PIXEL_FORMAT_BAYER_RG8, data=b"x" * 12
        ),
        region=geometry_pb2.Region(x=1, y=0, width=1, height=2),
    )
    expected = RawFrame(2, 3, 4, PixelFormat.BAYER_RG8, b"x" * 12)
    assert convert.image_source(message) == ImageSource(expected, Region(1, 0, 1, 2))


@pytest.mark.parametrize("number", [number for _, number in image_pb2.PixelFormat.items() if number])
def test_every_pixel_format_that_is_valid_is_known(number: image_pb2.PixelFormat) -> None:
    frame = image_pb2.RawFrame(width=1, height=1, pixel_format=number, data=b"x")
    validate(frame)
    assert convert.image_source(image_pb2.Image(raw_frame=frame)).content.pixel_format.value == number  # type: ignore[union-attr]  # a raw frame


def test_options() -> None:
    assert convert.classify_options(pb.ClassifyOptions(model="m", top_k=3, min_score=0.5)) == ClassifyOptions(
        "m", top_k=3, min_score=0.5
    )
    assert convert.embed_options(pb.EmbedOptions(model="m")) == EmbedOptions("m")
    codes = pb.ReadCodesOptions(model="m", symbologies=[pb.SYMBOLOGY_AZTEC, pb.SYMBOLOGY_ITF], include_unreadable=True)
    wanted = frozenset({Symbology.AZTEC, Symbology.ITF})
    assert convert.read_codes_options(codes) == ReadCodesOptions("m", symbologies=wanted, include_unreadable=True)


def test_a_confidence_of_zero_is_not_the_default() -> None:
    assert convert.read_text_options(pb.ReadTextOptions(min_confidence=0)).min_confidence == 0


def test_annotate_asks_for_what_is_present_even_if_empty() -> None:
    asked = convert.annotate_options(pb.AnnotateOptions(embed=pb.EmbedOptions()))
    assert asked.embed == EmbedOptions(field="options.embed")
    assert (asked.classify, asked.read_text, asked.read_codes) == (None, None, None)


def test_no_pattern_marks_nothing() -> None:
    assert convert.read_text_options(pb.ReadTextOptions()).pattern is None


@pytest.mark.parametrize(
    ("pattern", "text", "matched"),
    [
        (r"SN \d{4}-\d{5}", "SN 2024-00871 MOTOR", "SN 2024-00871"),
        (r"^\d+$", "123 ", None),
        (r"\p{Han}+", "型号 日本", "型号"),
        (r"x*", "abc", ""),
    ],
)
def test_a_pattern_finds_its_part(pattern: str, text: str, matched: str | None) -> None:
    match = pattern_of(pattern).search(text)
    assert (match.group() if match else None) == matched


def pattern_of(text: str) -> Any:
    return convert.read_text_options(pb.ReadTextOptions(expected_pattern=text)).pattern


@pytest.mark.parametrize("pattern", ["(", "[a", "é(", "a{1001}", "((a{100}){100}){100}", r"(?=look)", r"(a)\1", "a**"])
def test_a_pattern_that_is_none_is_refused(pattern: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        pattern_of(pattern)
    assert caught.value.reason == "PATTERN_INVALID"
    assert caught.value.violations[0].field == "options.expected_pattern"
    assert "b'" not in caught.value.message
    assert capfd.readouterr().err == ""


def test_a_pattern_inside_annotate_is_named_by_its_path() -> None:
    with pytest.raises(InvalidInputError) as caught:
        convert.annotate_options(pb.AnnotateOptions(read_text=pb.ReadTextOptions(expected_pattern="(")))
    assert caught.value.violations[0].field == "options.read_text.expected_pattern"


def test_labels_and_embedding() -> None:
    assert convert.labels([Label(3, "cat", 0.5)]) == [pb.Label(index=3, name="cat", score=0.5)]
    assert convert.embedding(None) is None
    assert convert.embedding(np.array([0.5, 0.25], np.float32)) == pb.Embedding(values=[0.5, 0.25])


@pytest.mark.parametrize("matches", [None, False, True])
def test_text_lines(matches: bool | None) -> None:
    line = TextLine("Aé", 0.75, SQUARE, 90.0, (("A", 1.0), ("é", 0.5)), matches, "é" if matches else "")
    (message,) = convert.lines([line])
    assert (message.text, message.confidence, message.rotation) == ("Aé", 0.75, 90.0)
    assert [(one.text, one.confidence) for one in message.characters] == [("A", 1.0), ("é", 0.5)]
    assert vertices(message.polygon) == VERTICES
    assert message.HasField("matches_pattern") == (matches is not None)
    assert message.matches_pattern == bool(matches)
    assert message.matched_text == ("é" if matches else "")


@pytest.mark.parametrize("symbology", set(Symbology) - {Symbology.UNSPECIFIED})
def test_codes(symbology: Symbology) -> None:
    (message,) = convert.codes([Code(symbology, "t", b"\xff\0", SQUARE, "]Q1", detection_score=0.5)])
    assert message.symbology == symbology.value
    assert (message.text, message.raw_bytes, message.symbology_identifier) == ("t", b"\xff\0", "]Q1")
    assert (message.readable, message.detection_score) == (True, 0.5)
    assert vertices(message.polygon) == VERTICES


def test_what_every_response_has() -> None:
    call = Call(request_id="made up")
    call.models.update({"b": "2", "a": "1"})
    call.spend(Stage.DECODE, 0.25)
    given = request_context_pb2.RequestContext(part_id="P7", request_id="")
    with serving(call):
        fields = convert.common(given, Annotation(size=(640, 480)))
    assert (fields["context"].part_id, fields["context"].request_id) == ("P7", "made up")
    assert given.request_id == ""
    assert [(use.name, use.version) for use in fields["models"]] == [("a", "1"), ("b", "2")]
    assert fields["timings"].decode.ToMilliseconds() == 250
    assert fields["timings"].postprocess.ToMilliseconds() == 0
    assert fields["timings"].HasField("total")
    assert (fields["image_size"].width, fields["image_size"].height) == (640, 480)


def test_an_annotation_without_findings() -> None:
    response = convert.annotate_response(request_context_pb2.RequestContext(), Annotation(size=(1, 1)))
    assert not response.HasField("embedding")
    assert not response.labels
    assert not response.lines
    assert not response.codes
