"""StreamAnnotate: frames in, findings out in order; one bad frame ends nothing."""

from collections.abc import Iterator

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from sensorium.type.v1 import image_pb2, request_context_pb2
from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium.vision.v1.vision_service_pb2_grpc import VisionServiceStub
from sensorium_client.stack import pictures

pytestmark = pytest.mark.integration

COFFEE = pictures.encode(pictures.photograph("coffee"))
CAT = pictures.encode(pictures.photograph("chelsea"))
CLASSIFY = pb.AnnotateOptions(classify=pb.ClassifyOptions(top_k=1))


def config(**fields: object) -> pb.StreamAnnotateRequest:
    return pb.StreamAnnotateRequest(config=pb.StreamAnnotateConfig(options=CLASSIFY, **fields))  # type: ignore[arg-type]


def frame(data: bytes, frame_id: str = "", **context: str) -> pb.StreamAnnotateRequest:
    return pb.StreamAnnotateRequest(
        frame=pb.StreamFrame(
            frame_id=frame_id,
            image=image_pb2.Image(encoded=data),
            context=request_context_pb2.RequestContext(**context),
        )
    )


def reason(status: status_pb2.Status) -> str:
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    return str(info.reason)


def test_frames_are_answered_in_order_and_a_bad_one_ends_nothing(vision: VisionServiceStub) -> None:
    frames = [
        frame(COFFEE, "a"),
        frame(b"no picture", "b"),
        frame(CAT, "c"),
        frame(COFFEE[:900], "d"),
        frame(COFFEE, "e"),
    ]
    responses = list(vision.StreamAnnotate(iter([config(), *frames])))
    assert [response.sequence for response in responses] == [0, 1, 2, 3, 4]
    assert [response.frame_id for response in responses] == ["a", "b", "c", "d", "e"]
    assert [response.status.code for response in responses] == [0, 3, 0, 3, 0]
    assert responses[0].annotation.labels[0].name == "espresso"
    assert responses[4].annotation.labels[0].name == "espresso"
    assert reason(responses[1].status) == "IMAGE_FORMAT_UNSUPPORTED"
    assert reason(responses[3].status) == "IMAGE_CORRUPT"
    assert not responses[1].HasField("annotation")


def test_a_frame_without_a_picture_is_told_in_its_status(vision: VisionServiceStub) -> None:
    empty = pb.StreamAnnotateRequest(frame=pb.StreamFrame())
    (response,) = vision.StreamAnnotate(iter([config(), empty]))
    bad = error_details_pb2.BadRequest()
    assert any(detail.Unpack(bad) for detail in response.status.details)
    assert [violation.field for violation in bad.field_violations] == ["image"]


def test_a_frames_identifiers_complete_those_of_the_stream(vision: VisionServiceStub) -> None:
    stream = request_context_pb2.RequestContext(job_id="job", part_id="first")
    responses = vision.StreamAnnotate(iter([config(context=stream), frame(COFFEE), frame(COFFEE, part_id="second")]))
    contexts = [response.annotation.context for response in responses]
    assert [context.job_id for context in contexts] == ["job", "job"]
    assert [context.part_id for context in contexts] == ["first", "second"]
    assert contexts[0].request_id != contexts[1].request_id


def test_the_server_reads_no_further_than_its_window(vision: VisionServiceStub) -> None:
    sent = 0

    def frames() -> Iterator[pb.StreamAnnotateRequest]:
        nonlocal sent
        yield config(max_in_flight=2)
        for _ in range(60):
            sent += 1
            yield frame(pictures.encode(pictures.photograph("coffee"), ".bmp"))

    responses = vision.StreamAnnotate(frames())
    first = next(responses)
    assert first.sequence == 0
    # 720 KB a frame: what was sent beyond the window fills the connection's buffers and stops there.
    assert sent < 40
    assert [response.sequence for response in responses] == list(range(1, 60))
    assert sent == 60


def test_a_stream_must_begin_with_its_configuration(vision: VisionServiceStub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        list(vision.StreamAnnotate(iter([frame(COFFEE)])))
    assert isinstance(caught.value, grpc.Call)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_second_configuration_ends_the_stream(vision: VisionServiceStub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        list(vision.StreamAnnotate(iter([config(), frame(COFFEE), config()])))
    assert isinstance(caught.value, grpc.Call)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_wrong_configuration_is_refused(vision: VisionServiceStub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        list(vision.StreamAnnotate(iter([config(max_in_flight=1000)])))
    assert isinstance(caught.value, grpc.Call)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_an_empty_stream_of_frames_ends_well(vision: VisionServiceStub) -> None:
    assert list(vision.StreamAnnotate(iter([config()]))) == []


def test_a_caller_that_leaves_midway_harms_nobody(vision: VisionServiceStub) -> None:
    responses = vision.StreamAnnotate(iter([config(), *[frame(COFFEE)] * 20]))
    assert next(responses).status.code == 0
    responses.cancel()
    again = list(vision.StreamAnnotate(iter([config(), frame(CAT)])))
    assert [response.status.code for response in again] == [0]
