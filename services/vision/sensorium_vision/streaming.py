"""StreamAnnotate: frames in, findings out, in order, a bounded number under way."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_core.streaming import ItemRunner, answer_items, configuration, item_context, item_id
from sensorium_core.validation import check_size, validate
from sensorium_vision import convert
from sensorium_vision.pipeline import VisionPipeline

_DEFAULT_WINDOW = 4


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
        config: pb.StreamAnnotateConfig = await configuration(requests, pb.StreamAnnotateRequest())
        self._pipeline.check(convert.annotate_options(config.options))

        async def respond(sequence: int, frame: pb.StreamFrame) -> pb.StreamAnnotateResponse:
            return await self._respond(sequence, frame, config)

        window = config.max_in_flight or _DEFAULT_WINDOW
        found = answer_items(requests, self._runner, respond, field="frame", window=window)
        async with aclosing(found) as responses:
            async for response in responses:
                yield response

    async def _respond(
        self, sequence: int, frame: pb.StreamFrame, config: pb.StreamAnnotateConfig
    ) -> pb.StreamAnnotateResponse:
        request = pb.AnnotateRequest(
            context=item_context(sequence, config.context, frame.context), options=config.options
        )
        if frame.HasField("image"):
            request.image.CopyFrom(frame.image)
        outcome = await self._runner.run(request.context.request_id, lambda: self._annotate(request))
        return pb.StreamAnnotateResponse(
            sequence=sequence,
            frame_id=item_id(frame.frame_id),
            status=outcome.status,
            annotation=outcome.value,
        )

    async def _annotate(self, request: pb.AnnotateRequest) -> pb.AnnotateResponse:
        check_size(request, self._max_message_bytes)
        validate(request)
        options = convert.annotate_options(request.options)
        found = await self._pipeline.annotate(convert.image_source(request.image), options)
        return convert.annotate_response(request.context, found)
