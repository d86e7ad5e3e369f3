from collections.abc import AsyncIterator
from typing import cast

import pytest

from sensorium.type.v1 import image_pb2, request_context_pb2
from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_core.call import Call, serving
from sensorium_core.errors import InvalidInputError
from sensorium_core.limits import Admission
from sensorium_core.streaming import ItemRunner
from sensorium_core.telemetry import Metrics
from sensorium_vision.domain import AnnotateOptions, Annotation, EncodedImage, ImageSource
from sensorium_vision.pipeline import VisionPipeline
from sensorium_vision.streaming import FrameStream

CONFIG = pb.StreamAnnotateRequest(
    config=pb.StreamAnnotateConfig(
        context=request_context_pb2.RequestContext(station="cell 7", part_id="all"),
        options=pb.AnnotateOptions(embed=pb.EmbedOptions()),
    )
)


class Pipeline:
    """Stands for the pipeline: the size of a picture is that of its file, in bytes."""

    def check(self, options: AnnotateOptions) -> None:
        assert options.embed is not None

    async def annotate(self, source: ImageSource, options: AnnotateOptions) -> Annotation:
        assert isinstance(source.content, EncodedImage)
        return Annotation(size=(len(source.content.data), 1))


def frame(data: bytes, frame_id: str = "", **context: str) -> pb.StreamAnnotateRequest:
    image = image_pb2.Image(encoded=data)
    identifiers = request_context_pb2.RequestContext(**context)
    return pb.StreamAnnotateRequest(frame=pb.StreamFrame(frame_id=frame_id, context=identifiers, image=image))


async def answers(*requests: pb.StreamAnnotateRequest, request_id: str = "stream") -> list[pb.StreamAnnotateResponse]:
    async def incoming() -> AsyncIterator[pb.StreamAnnotateRequest]:
        for request in requests:
            yield request

    runner = ItemRunner(Admission(100, Metrics()), 10.0)
    stream = FrameStream(cast(VisionPipeline, Pipeline()), runner, 1000)
    with serving(Call(request_id=request_id)):
        return [response async for response in stream.annotate(incoming())]


async def test_answers_come_in_the_order_of_the_frames() -> None:
    responses = await answers(CONFIG, *(frame(b"x" * size, f"f{size}") for size in range(1, 10)))
    assert [response.sequence for response in responses] == list(range(9))
    assert [response.frame_id for response in responses] == [f"f{size}" for size in range(1, 10)]
    assert [response.annotation.image_size.width for response in responses] == list(range(1, 10))


async def test_a_bad_frame_ends_nothing() -> None:
    responses = await answers(CONFIG, frame(b"x"), frame(b""), frame(b"x" * 2000), frame(b"xx"))
    assert [response.status.code == 0 for response in responses] == [True, False, False, True]
    assert [response.HasField("annotation") for response in responses] == [True, False, False, True]


async def test_a_frame_s_context_wins_over_the_stream_s() -> None:
    (response,) = await answers(CONFIG, frame(b"x", part_id="P7"))
    context = response.annotation.context
    assert (context.station, context.part_id, context.request_id) == ("cell 7", "P7", "stream/0")


async def test_the_longest_request_id_leaves_room_for_the_frame_s_number() -> None:
    (response,) = await answers(CONFIG, frame(b"x"), request_id="r" * 128)
    assert response.status.code == 0
    assert response.annotation.context.request_id == "r" * 126 + "/0"


async def test_a_long_frame_id_is_cut() -> None:
    (response,) = await answers(CONFIG, frame(b"x", "f" * 300))
    assert response.frame_id == "f" * 256


@pytest.mark.parametrize(
    "requests",
    [[], [frame(b"x")], [CONFIG, CONFIG], [CONFIG, pb.StreamAnnotateRequest()]],
    ids=["nothing", "frame first", "configuration twice", "empty message"],
)
async def test_messages_out_of_order_end_the_stream(requests: list[pb.StreamAnnotateRequest]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        await answers(*requests)
    assert caught.value.reason == "STREAM_ORDER"


async def test_a_configuration_that_asks_for_nothing_ends_the_stream() -> None:
    with pytest.raises(InvalidInputError):
        await answers(pb.StreamAnnotateRequest(config=pb.StreamAnnotateConfig()))
