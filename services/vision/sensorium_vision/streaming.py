"""StreamAnnotate: frames in, findings out, in order, a bounded number under way."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_core.call import current_call
from sensorium_core.concurrency import ordered_window
from sensorium_core.errors import InvalidInputError
from sensorium_core.streaming import ItemRunner
from sensorium_core.validation import check_size, validate
from sensorium_vision import convert
from sensorium_vision.pipeline import VisionPipeline

_DEFAULT_WINDOW = 4
_LONGEST_FRAME_ID = 256
_LONGEST_REQUEST_ID = 128


class FrameStream:
    """Annotates the frames of a stream by a pipeline."""

    def __init__(self, pipeline: VisionPipeline, runner: ItemRunner, max_message_bytes: int) -> None:
        self._pipeline = pipeline
        self._runner = runner
        self._max_message_bytes = max_message_bytes

    async def annotate(
        self, requests: AsyncIterator[pb.StreamAnnotateRequest]
    ) -> AsyncGenerator[pb.StreamAnnotateResponse, None]:
        """Responses in the order of the frames.

        Raises:
            InvalidInputError: the configuration is missing, wrong, or sent twice; a frame's errors are in its response.
        """
        config = await _configuration(requests)
        self._pipeline.check(convert.annotate_options(config.options))

        async def work(sequence: int, frame: pb.StreamFrame) -> pb.StreamAnnotateResponse:
            return await self._respond(sequence, frame, config)

        window = config.max_in_flight or _DEFAULT_WINDOW
        async with aclosing(ordered_window(self._frames(requests), work, window)) as responses:
            async for response in responses:
                yield response

    async def _frames(self, requests: AsyncIterator[pb.StreamAnnotateRequest]) -> AsyncGenerator[pb.StreamFrame, None]:
        async with aclosing(self._runner.until_drained(requests)) as received:
            async for request in received:
                if request.WhichOneof("message") != "frame":
                    text = "every message after the configuration must be a frame"
                    raise InvalidInputError.field("frame", text, reason="STREAM_ORDER")
                yield request.frame

    async def _respond(
        self, sequence: int, frame: pb.StreamFrame, config: pb.StreamAnnotateConfig
    ) -> pb.StreamAnnotateResponse:
        request = pb.AnnotateRequest(options=config.options)
        request.context.CopyFrom(config.context)
        number = f"/{sequence}"
        request.context.request_id = current_call().request_id[: _LONGEST_REQUEST_ID - len(number)] + number
        request.context.MergeFrom(frame.context)
        if frame.HasField("image"):
            request.image.CopyFrom(frame.image)
        outcome = await self._runner.run(request.context.request_id, lambda: self._annotate(request))
        return pb.StreamAnnotateResponse(
            sequence=sequence,
            frame_id=frame.frame_id[:_LONGEST_FRAME_ID],
            status=outcome.status,
            annotation=outcome.value,
        )

    async def _annotate(self, request: pb.AnnotateRequest) -> pb.AnnotateResponse:
        check_size(request, self._max_message_bytes)
        validate(request)
        options = convert.annotate_options(request.options)
        found = await self._pipeline.annotate(convert.image_source(request.image), options)
        return convert.annotate_response(request.context, found)


async def _configuration(requests: AsyncIterator[pb.StreamAnnotateRequest]) -> pb.StreamAnnotateConfig:
    first = await anext(requests, pb.StreamAnnotateRequest())
    if first.WhichOneof("message") != "config":
        text = "the first message of a stream must be its configuration"
        raise InvalidInputError.field("config", text, reason="STREAM_ORDER")
    validate(first)
    return first.config
