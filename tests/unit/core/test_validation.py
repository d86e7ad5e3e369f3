"""Rules of the contract, applied to a message."""

from __future__ import annotations

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import BytesValue

from sensorium.text.v1.text_service_pb2 import EmbedRequest
from sensorium.type.v1.image_pb2 import Image, RawFrame
from sensorium.type.v1.request_context_pb2 import RequestContext
from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_core.errors import FieldViolation, InvalidInputError, MessageTooLargeError
from sensorium_core.validation import check_size, validate

IMAGE = Image(encoded=b"x")


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (pb.ClassifyRequest(), "image"),
        (pb.ClassifyRequest(image=Image()), "image.source"),
        (pb.ClassifyRequest(image=Image(encoded=b"")), "image.encoded"),
        (pb.ClassifyRequest(image=IMAGE, options=pb.ClassifyOptions(top_k=-1)), "options.top_k"),
        (
            pb.ReadCodesRequest(image=IMAGE, options=pb.ReadCodesOptions(symbologies=[1, 99])),  # type: ignore[list-item]
            "options.symbologies[1]",
        ),
        (pb.ClassifyRequest(image=IMAGE, context=RequestContext(request_id="\n")), "context.request_id"),
        (pb.AnnotateRequest(image=IMAGE, options=pb.AnnotateOptions()), "options"),
        (pb.ReadTextRequest(image=IMAGE, options=pb.ReadTextOptions(side_limit=100)), "options.side_limit"),
    ],
)
def test_the_path_of_the_wrong_field_is_told(message: pb.ClassifyRequest, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        validate(message)
    assert [violation.field for violation in caught.value.violations] == [field]
    assert caught.value.reason == "INVALID_ARGUMENT"
    description = caught.value.violations[0].description
    assert caught.value.message == f"{field}: {description}"
    assert description


def test_what_would_be_right_is_told() -> None:
    with pytest.raises(InvalidInputError) as caught:
        validate(pb.ReadTextRequest(image=IMAGE, options=pb.ReadTextOptions(side_limit=100)))
    assert caught.value.violations == (FieldViolation("options.side_limit", "must be 0, or between 128 and 4096"),)


def test_a_right_message_passes() -> None:
    validate(pb.ClassifyRequest(image=IMAGE, context=RequestContext(request_id="Prüfung 7")))


def test_a_message_without_rules_passes() -> None:
    validate(BytesValue(value=b"x"))


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (pb.ClassifyRequest(image=Image(encoded=b"x" * 100)), "image.encoded"),
        (pb.ClassifyRequest(image=Image(raw_frame=RawFrame(data=b"x" * 100))), "image.raw_frame.data"),
        (pb.ClassifyRequest(context=RequestContext(station="x" * 100), image=IMAGE), "context.station"),
        (
            pb.ReadCodesRequest(options=pb.ReadCodesOptions(symbologies=[1] * 100)),  # type: ignore[list-item]
            "options.symbologies",
        ),
        (EmbedRequest(context=RequestContext(station="x"), texts=["x" * 50, "y" * 50]), "texts"),
    ],
)
def test_the_largest_field_of_a_message_over_the_limit_is_told(message: Message, field: str) -> None:
    size = message.ByteSize()
    check_size(message, size)
    with pytest.raises(MessageTooLargeError) as caught:
        check_size(message, size - 1)
    assert [violation.field for violation in caught.value.violations] == [field]
    assert caught.value.metadata == {"limit_bytes": str(size - 1), "size_bytes": str(size)}
    assert caught.value.retry_delay is None
