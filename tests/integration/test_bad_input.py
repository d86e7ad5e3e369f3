"""Bad input: each kind gets the right status, reason and field, soon, and the next answer is right all the same."""

import struct
import time
import zlib
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from integration.conftest import Stack
from integration.observing import in_flight, resident_bytes
from integration.waiting import until
from sensorium.type.v1 import geometry_pb2, image_pb2
from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium.vision.v1.vision_service_pb2_grpc import VisionServiceStub
from sensorium_client.stack import pictures

pytestmark = pytest.mark.integration

COFFEE = pictures.encode(pictures.photograph("coffee"))
MEBIBYTE = 1024 * 1024
Details = dict[str, Any]


def failure(call: Callable[[], object]) -> tuple[grpc.StatusCode, Details]:
    """The status and the unpacked details of a call that must fail."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    error = caught.value
    assert isinstance(error, grpc.Call)
    details: Details = {}
    status = rpc_status.from_call(error)
    for packed in status.details if status else ():
        for kind in (error_details_pb2.ErrorInfo, error_details_pb2.BadRequest, error_details_pb2.RequestInfo):
            message = kind()
            if packed.Unpack(message):
                details[kind.DESCRIPTOR.name] = message
    return error.code(), details


def huge_png(side: int) -> bytes:
    """A valid PNG of side x side pixels in a few kilobytes: all rows but the first are missing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(side + 1)))
        + chunk(b"IEND", b"")
    )


def encoded(data: bytes) -> pb.ClassifyRequest:
    return pb.ClassifyRequest(image=image_pb2.Image(encoded=data))


def raw(**fields: Any) -> pb.ClassifyRequest:
    frame = {"width": 64, "height": 48, "pixel_format": image_pb2.PIXEL_FORMAT_MONO8, "data": bytes(64 * 48)}
    return pb.ClassifyRequest(image=image_pb2.Image(raw_frame=image_pb2.RawFrame(**{**frame, **fields})))


def with_options(**options: Any) -> pb.ClassifyRequest:
    return pb.ClassifyRequest(image=image_pb2.Image(encoded=COFFEE), options=pb.ClassifyOptions(**options))


def with_region(**region: int) -> pb.ClassifyRequest:
    source = image_pb2.Image(encoded=COFFEE, region=geometry_pb2.Region(**region))
    return pb.ClassifyRequest(image=source)


INVALID, MISSING = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND
BAD: dict[str, tuple[pb.ClassifyRequest, grpc.StatusCode, str, str]] = {
    "no image": (pb.ClassifyRequest(), INVALID, "INVALID_ARGUMENT", "image"),
    "no source": (pb.ClassifyRequest(image=image_pb2.Image()), INVALID, "INVALID_ARGUMENT", "image.source"),
    "empty bytes": (encoded(b""), INVALID, "INVALID_ARGUMENT", "image.encoded"),
    "a truncated JPEG": (encoded(COFFEE[: len(COFFEE) // 2]), INVALID, "IMAGE_CORRUPT", "image.encoded"),
    "a text file": (encoded(b"Dear plant, how are you?\n" * 40), INVALID, "IMAGE_FORMAT_UNSUPPORTED", "image.encoded"),
    "a PNG of 30,000 x 30,000": (encoded(huge_png(30_000)), INVALID, "IMAGE_TOO_LARGE", "image.encoded"),
    "a stride too small": (raw(stride=63), INVALID, "RAW_FRAME_STRIDE", "image.raw_frame.stride"),
    "a stride too large": (raw(stride=80), INVALID, "RAW_FRAME_SIZE", "image.raw_frame.data"),
    "no pixel format": (raw(pixel_format=0), INVALID, "INVALID_ARGUMENT", "image.raw_frame.pixel_format"),
    "an unknown pixel format": (raw(pixel_format=7), INVALID, "INVALID_ARGUMENT", "image.raw_frame.pixel_format"),
    "an unknown model": (with_options(model="resnet9000"), MISSING, "MODEL_NOT_FOUND", "options.model"),
    "a model for another purpose": (
        with_options(model="arbez_code_detection"), MISSING, "MODEL_NOT_FOUND", "options.model",
    ),
    "top_k of -1": (with_options(top_k=-1), INVALID, "INVALID_ARGUMENT", "options.top_k"),
    "a minimum score of 2": (with_options(min_score=2), INVALID, "INVALID_ARGUMENT", "options.min_score"),
    "a region outside": (
        with_region(x=500, y=0, width=200, height=10), INVALID, "REGION_OUTSIDE_IMAGE", "image.region",
    ),
    "an empty region": (with_region(x=0, y=0, width=0, height=10), INVALID, "INVALID_ARGUMENT", "image.region.width"),
    "a 33 MiB message": (
        encoded(bytes(33 * MEBIBYTE)), grpc.StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE", "image.encoded",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told_with_status_reason_and_field(vision: VisionServiceStub, case: str) -> None:
    request, code, reason, field = BAD[case]
    vision.ListModels(pb.ListModelsRequest())  # the connection stands
    start = time.monotonic()
    seen, details = failure(lambda: vision.Classify(request))
    seconds = time.monotonic() - start
    assert seen is code
    info = details["ErrorInfo"]
    assert (info.reason, info.domain) == (reason, "sensorium")
    violations = details["BadRequest"].field_violations
    assert field in [violation.field for violation in violations]
    assert all(violation.description for violation in violations)
    assert details["RequestInfo"].request_id
    assert seconds < (2.0 if len(request.image.encoded) > MEBIBYTE else 0.2)
    good = vision.Classify(encoded(COFFEE))
    assert good.labels[0].name == "espresso"


def test_a_pattern_that_is_no_regular_expression_is_told(vision: VisionServiceStub) -> None:
    options = pb.ReadTextOptions(expected_pattern="(unclosed")
    request = pb.ReadTextRequest(image=image_pb2.Image(encoded=COFFEE), options=options)
    code, details = failure(lambda: vision.ReadText(request))
    assert code is INVALID
    assert details["ErrorInfo"].reason == "PATTERN_INVALID"


def test_annotate_without_a_feature_is_told(vision: VisionServiceStub) -> None:
    request = pb.AnnotateRequest(image=image_pb2.Image(encoded=COFFEE), options=pb.AnnotateOptions())
    code, details = failure(lambda: vision.Annotate(request))
    assert code is INVALID
    assert [violation.field for violation in details["BadRequest"].field_violations] == ["options"]


def test_a_deadline_of_a_millisecond_ends_as_such_and_harms_nobody(vision: VisionServiceStub) -> None:
    code, _ = failure(lambda: vision.Classify(encoded(COFFEE), timeout=0.001))
    assert code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert vision.Classify(encoded(COFFEE)).labels[0].name == "espresso"


def test_a_caller_that_cancels_midway_frees_its_place(stack: Stack, vision: VisionServiceStub) -> None:
    page = image_pb2.Image(encoded=pictures.encode(pictures.nameplate()))
    futures = [vision.ReadText.future(pb.ReadTextRequest(image=page)) for _ in range(8)]
    until(lambda: in_flight(stack, "vision") >= 1, 10)
    for future in futures:
        future.cancel()
    until(lambda: in_flight(stack, "vision") == 0, 10)
    assert vision.Classify(encoded(COFFEE)).labels[0].name == "espresso"


def test_memory_stays_bounded_under_bad_and_large_input(stack: Stack, vision: VisionServiceStub) -> None:
    for _ in range(3):  # the allocator's own caches are full after a few
        failure(lambda: vision.Classify(encoded(bytes(33 * MEBIBYTE))))
    before = resident_bytes(stack, "vision")
    for _ in range(10):
        failure(lambda: vision.Classify(encoded(bytes(33 * MEBIBYTE))))
        failure(lambda: vision.Classify(encoded(huge_png(30_000))))
    assert resident_bytes(stack, "vision") - before < 128 * MEBIBYTE
