from __future__ import annotations

import inspect
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from google.protobuf import json_format
from numpy.testing import assert_array_equal

from sensorium.type.v1 import image_pb2, model_pb2
from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_client import (
    AsyncVisionClient,
    Capability,
    Character,
    ClassifyOptions,
    InputLimits,
    InvalidInputError,
    Label,
    ModelUse,
    PixelFormat,
    RawFrame,
    ReadTextOptions,
    RequestContext,
    Symbology,
    VisionClient,
)
from unit.client.driver import Driver
from unit.client.scripted import Script

CONTEXT = RequestContext("r1", "m1", "p1", "rec1", "prod1", "j1", "cell 7")
PICTURE_METHODS = ("classify", "embed", "read_text", "read_codes", "annotate")


def with_common(response: Any) -> Any:
    response.context.CopyFrom(CONTEXT.to_proto())
    response.models.add(name="net", version="3")
    response.image_size.width, response.image_size.height = 640, 480
    for i, stage in enumerate(("decode", "preprocess", "triton_queue", "triton_compute", "postprocess", "total")):
        getattr(response.timings, stage).FromTimedelta(timedelta(milliseconds=i + 1))
    return response


def square(polygon: Any, origin: float) -> np.ndarray[Any, Any]:
    corners = [(origin, origin), (origin + 9, origin), (origin + 9, origin + 4.5), (origin, origin + 4.5)]
    for x, y in corners:
        polygon.vertices.add(x=x, y=y)
    return np.array(corners, np.float32)


def test_classify_both_ways(client: Driver, script: Script) -> None:
    response = with_common(pb.ClassifyResponse())
    response.labels.add(index=5, name="espresso", score=0.75)
    script.then(response)
    result = client.call(
        "classify", b"jpeg", top_k=3, min_score=0.25, model="net", region=(1, 2, 3, 4), context=CONTEXT, deadline=7.0
    )
    (request,) = script.requests
    assert request == pb.ClassifyRequest(
        context=CONTEXT.to_proto(),
        image=image_pb2.Image(encoded=b"jpeg", region={"x": 1, "y": 2, "width": 3, "height": 4}),
        options=pb.ClassifyOptions(model="net", top_k=3, min_score=0.25),
    )
    assert result.labels == (Label(5, "espresso", 0.75),)
    assert result.context == CONTEXT
    assert result.models == (ModelUse("net", "3"),)
    assert result.image_size == (640, 480)
    stages = ("decode", "preprocess", "triton_queue", "triton_compute", "postprocess", "total")
    assert [getattr(result.timings, stage) / timedelta(milliseconds=1) for stage in stages] == [1, 2, 3, 4, 5, 6]
    assert json_format.Parse(result.to_json(), pb.ClassifyResponse()) == response
    assert "\n" not in result.to_json()
    assert json.loads(result.to_json())["imageSize"] == {"width": 640, "height": 480}


def test_embed_both_ways(client: Driver, script: Script) -> None:
    script.then(with_common(pb.EmbedResponse(embedding=pb.Embedding(values=[0.5, -0.5, 0.25]))))
    result = client.call("embed", b"jpeg", model="net")
    assert script.requests[0].options.model == "net"
    assert not script.requests[0].HasField("context")
    assert result.embedding.dtype == np.float32
    assert_array_equal(result.embedding, np.array([0.5, -0.5, 0.25], np.float32))
    assert not result.embedding.flags.writeable


def test_read_text_both_ways(client: Driver, script: Script) -> None:
    response = with_common(pb.ReadTextResponse())
    line = response.lines.add(text="SN 1", confidence=0.5, rotation=-5, matches_pattern=False, matched_text="")
    corners = square(line.polygon, 10)
    line.characters.add(text="S", confidence=0.25)
    response.lines.add(text="电机")
    script.then(response)
    result = client.call("read_text", b"x", side_limit=640, min_confidence=0.0, expected_pattern=r"\d+", model="m")
    options = script.requests[0].options
    assert options == pb.ReadTextOptions(model="m", side_limit=640, min_confidence=0.0, expected_pattern=r"\d+")
    assert options.HasField("min_confidence")
    first, second = result.lines
    assert (first.text, first.confidence, first.rotation) == ("SN 1", 0.5, -5)
    assert first.characters == (Character("S", 0.25),)
    assert (first.matches_pattern, first.matched_text) == (False, "")
    assert_array_equal(first.polygon, corners)
    assert second.matches_pattern is None
    assert second.polygon.shape == (0, 2)
    assert result.text == "SN 1\n电机"
    assert "电机" in result.to_json()


def test_read_text_leaves_the_confidence_to_the_server(client: Driver, script: Script) -> None:
    script.then(pb.ReadTextResponse())
    client.call("read_text", b"x")
    assert not script.requests[0].options.HasField("min_confidence")


def test_read_codes_both_ways(client: Driver, script: Script) -> None:
    response = with_common(pb.ReadCodesResponse())
    code = response.codes.add(
        symbology=pb.SYMBOLOGY_DATA_MATRIX,
        text="ab",
        raw_bytes=b"\xff",
        symbology_identifier="]d1",
        readable=True,
        detection_score=0.5,
    )
    corners = square(code.polygon, 3)
    response.codes.add(symbology=99)  # a kind that only a newer server knows
    script.then(response)
    kinds = [Symbology.QR_CODE, Symbology.EAN_8]
    result = client.call("read_codes", b"x", symbologies=kinds, include_unreadable=True, model="m")
    assert script.requests[0].options == pb.ReadCodesOptions(
        model="m", symbologies=[pb.SYMBOLOGY_QR_CODE, pb.SYMBOLOGY_EAN_8], include_unreadable=True
    )
    first, second = result.codes
    assert (first.symbology, first.text, first.raw_bytes) == (Symbology.DATA_MATRIX, "ab", b"\xff")
    assert (first.symbology_identifier, first.readable, first.detection_score) == ("]d1", True, 0.5)
    assert_array_equal(first.polygon, corners)
    assert second.symbology is Symbology.UNSPECIFIED


def test_annotate_both_ways(client: Driver, script: Script) -> None:
    response = with_common(pb.AnnotateResponse())
    response.labels.add(name="cup")
    response.lines.add(text="T")
    response.codes.add(text="C")
    script.then(response, pb.AnnotateResponse(embedding=pb.Embedding(values=[1.0])))
    wanted = [ClassifyOptions(top_k=2), ReadTextOptions()]
    result = client.call("annotate", b"x", wanted, context=CONTEXT)
    options = script.requests[0].options
    assert options.classify.top_k == 2
    assert [field.name for field, _ in options.ListFields()] == ["classify", "read_text"]
    assert [result.labels[0].name, result.lines[0].text, result.codes[0].text] == ["cup", "T", "C"]
    assert result.embedding is None
    everything = client.call("annotate", b"x")
    found = [field.name for field, _ in script.requests[1].options.ListFields()]
    assert found == ["classify", "embed", "read_text", "read_codes"]
    assert_array_equal(everything.embedding, np.array([1], np.float32))


@pytest.mark.parametrize("features", [[ClassifyOptions(), ClassifyOptions()], ["classify"]])
def test_annotate_refuses_features_that_are_none(client: Driver, features: Any) -> None:
    with pytest.raises(InvalidInputError, match="each feature is given once") as caught:
        client.call("annotate", b"x", features)
    assert caught.value.violations[0].field == "options"


def test_list_models(client: Driver, script: Script) -> None:
    model = model_pb2.Model(
        name="net",
        versions=[model_pb2.ModelVersion(version="1"), model_pb2.ModelVersion(version="2", ready=True)],
        capabilities=[model_pb2.CAPABILITY_CLASSIFY, model_pb2.CAPABILITY_EMBED],
        labels=["cat", "dog"],
        input_limits=model_pb2.InputLimits(max_image_bytes=1, max_image_pixels=2, max_image_side=3, max_texts=4),
        ready=True,
        default_model=True,
        source="wheel",
        license="MIT",
    )
    script.then(pb.ListModelsResponse(models=[model]))
    (found,) = client.call("list_models")
    assert (found.name, found.labels, found.ready, found.default_model) == ("net", ("cat", "dog"), True, True)
    assert [(version.version, version.ready) for version in found.versions] == [("1", False), ("2", True)]
    assert found.capabilities == (Capability.CLASSIFY, Capability.EMBED)
    limits = InputLimits(max_image_bytes=1, max_image_pixels=2, max_image_side=3, max_texts=4)
    assert found.input_limits == limits
    assert (found.source, found.license, found.message) == ("wheel", "MIT", model)


@pytest.mark.parametrize("method", PICTURE_METHODS)
def test_every_method_takes_every_kind_of_picture(client: Driver, script: Script, tmp_path: Path, method: str) -> None:
    file = tmp_path / "picture.jpg"
    file.write_bytes(b"file")
    name = {"classify": "Classify", "embed": "Embed", "annotate": "Annotate"}.get(method)
    answer = getattr(pb, f"{name or ('ReadText' if method == 'read_text' else 'ReadCodes')}Response")()
    frame = RawFrame(2, 1, PixelFormat.BAYER_RG8, b"ab", stride=4)
    array = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    for picture in (b"bytes", bytearray(b"array"), memoryview(b"view"), file, str(file), frame, array):
        script.then(answer)
        client.call(method, picture)
    images = [request.image for request in script.requests]
    assert [image.encoded for image in images[:5]] == [b"bytes", b"array", b"view", b"file", b"file"]
    assert images[5].raw_frame == image_pb2.RawFrame(
        width=2, height=1, pixel_format=image_pb2.PIXEL_FORMAT_BAYER_RG8, data=b"ab", stride=4
    )
    assert images[6].raw_frame.pixel_format == image_pb2.PIXEL_FORMAT_RGB8
    assert images[6].raw_frame.data == array.tobytes()


def test_metadata_and_deadlines_are_sent(unconnected: Driver, script: Script, serve: Any) -> None:
    unconnected.connect(serve(script), metadata=[("authorization", "Bearer t")], deadline=20.0)
    script.always = pb.ListModelsResponse()
    unconnected.call("list_models")
    unconnected.call("list_models", deadline=3.0)
    assert [sent["authorization"] for sent in script.metadata] == ["Bearer t", "Bearer t"]
    long, short = script.timeouts
    assert long is not None
    assert short is not None
    assert 15 < long <= 20.1
    assert 2 < short <= 3.1


@pytest.mark.parametrize("kind", [VisionClient, AsyncVisionClient])
def test_methods_show_their_arguments_and_documentation(kind: type) -> None:
    signature = inspect.signature(kind.classify)  # type: ignore[attr-defined]
    assert list(signature.parameters)[:3] == ["self", "picture", "top_k"]
    assert "top_k: how many labels" in (kind.classify.__doc__ or "")  # type: ignore[attr-defined]
    assert next(iter(inspect.signature(kind().classify).parameters)) == "picture"


def test_context_managers(serve: Any, script: Script, loop: Any) -> None:
    script.always = pb.ListModelsResponse()
    address = serve(script)
    with VisionClient(address) as client:
        assert client.list_models() == ()

    async def use() -> tuple[Any, ...]:
        async with AsyncVisionClient(address) as other:
            return await other.list_models()

    assert loop.run(use()) == ()
    with VisionClient(address):
        pass  # closing a client that was never used is fine


def test_enums_are_those_of_the_contract() -> None:
    assert {f"SYMBOLOGY_{kind.name}": int(kind) for kind in Symbology} == dict(pb.Symbology.items())
    assert {f"CAPABILITY_{kind.name}": int(kind) for kind in Capability} == dict(model_pb2.Capability.items())
    known = {f"PIXEL_FORMAT_{kind.name}": int(kind) for kind in PixelFormat}
    assert {"PIXEL_FORMAT_UNSPECIFIED": 0} | known == dict(image_pb2.PixelFormat.items())
    limits = [field.name for field in model_pb2.InputLimits.DESCRIPTOR.fields]
    assert list(InputLimits.__dataclass_fields__) == limits
    context_fields = [field.name for field in RequestContext().to_proto().DESCRIPTOR.fields]
    assert list(RequestContext.__dataclass_fields__) == context_fields
