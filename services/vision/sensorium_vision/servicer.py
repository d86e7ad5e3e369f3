"""The gRPC servicer: converts, delegates, converts."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc

from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium.vision.v1 import vision_service_pb2_grpc
from sensorium_vision import convert
from sensorium_vision.domain import AnnotateOptions
from sensorium_vision.pipeline import VisionPipeline
from sensorium_vision.streaming import FrameStream

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["VisionService"].full_name
Context = grpc.aio.ServicerContext[Any, Any]


class VisionServicer(vision_service_pb2_grpc.VisionServiceServicer):
    """Serves `sensorium.vision.v1.VisionService` by a pipeline."""

    def __init__(self, pipeline: VisionPipeline, stream: FrameStream, max_message_bytes: int) -> None:
        self._pipeline = pipeline
        self._stream = stream
        self._max_message_bytes = max_message_bytes

    async def Classify(self, request: pb.ClassifyRequest, context: Context) -> pb.ClassifyResponse:
        """Labels of a picture."""
        options = AnnotateOptions(classify=convert.classify_options(request.options))
        found = await self._pipeline.annotate(convert.image_source(request.image), options)
        return pb.ClassifyResponse(labels=convert.labels(found.labels), **convert.common(request.context, found))

    async def Embed(self, request: pb.EmbedRequest, context: Context) -> pb.EmbedResponse:
        """The embedding of a picture."""
        options = AnnotateOptions(embed=convert.embed_options(request.options))
        found = await self._pipeline.annotate(convert.image_source(request.image), options)
        return pb.EmbedResponse(embedding=convert.embedding(found.embedding), **convert.common(request.context, found))

    async def ReadText(self, request: pb.ReadTextRequest, context: Context) -> pb.ReadTextResponse:
        """The text on a picture."""
        options = AnnotateOptions(read_text=convert.read_text_options(request.options))
        found = await self._pipeline.annotate(convert.image_source(request.image), options)
        return pb.ReadTextResponse(lines=convert.lines(found.lines), **convert.common(request.context, found))

    async def ReadCodes(self, request: pb.ReadCodesRequest, context: Context) -> pb.ReadCodesResponse:
        """The codes on a picture."""
        options = AnnotateOptions(read_codes=convert.read_codes_options(request.options))
        found = await self._pipeline.annotate(convert.image_source(request.image), options)
        return pb.ReadCodesResponse(codes=convert.codes(found.codes), **convert.common(request.context, found))

    async def Annotate(self, request: pb.AnnotateRequest, context: Context) -> pb.AnnotateResponse:
        """Any set of features of a picture."""
        options = convert.annotate_options(request.options)
        found = await self._pipeline.annotate(convert.image_source(request.image), options)
        return convert.annotate_response(request.context, found)

    async def StreamAnnotate(
        self, request_iterator: AsyncIterator[pb.StreamAnnotateRequest], context: Context
    ) -> AsyncIterator[pb.StreamAnnotateResponse]:
        """The features of frame after frame."""
        async with aclosing(self._stream.annotate(request_iterator)) as responses:
            async for response in responses:
                yield response

    async def ListModels(self, request: pb.ListModelsRequest, context: Context) -> pb.ListModelsResponse:
        """The models in use."""
        limits = self._pipeline.limits
        return pb.ListModelsResponse(
            models=[convert.model(served, limits, self._max_message_bytes) for served in self._pipeline.catalog]
        )
