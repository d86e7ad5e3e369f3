"""StreamAnnotateText: texts in, findings out, in order, a bounded number under way."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium_core.streaming import ItemRunner, answer_items, configuration, item_context, item_id
from sensorium_core.validation import validate
from sensorium_text import convert
from sensorium_text.domain import AnnotateOptions
from sensorium_text.pipeline import TextPipeline

_DEFAULT_WINDOW = 64


class TextStream:
    """Annotates the texts of a stream by a pipeline."""

    def __init__(self, pipeline: TextPipeline, runner: ItemRunner) -> None:
        self._pipeline = pipeline
        self._runner = runner

    async def annotate(
        self, requests: AsyncIterator[pb.StreamAnnotateTextRequest]
    ) -> AsyncGenerator[pb.StreamAnnotateTextResponse, None]:
        """Responses in the order of the items.

        Raises:
            InvalidInputError: the configuration is missing, wrong, or sent twice; an item's errors are in its response.
        """
        config: pb.StreamAnnotateTextConfig = await configuration(requests, pb.StreamAnnotateTextRequest())
        options = convert.annotate_options(config.options, "config.options")
        self._pipeline.check(options)

        async def respond(sequence: int, item: pb.StreamTextItem) -> pb.StreamAnnotateTextResponse:
            return await self._respond(sequence, item, config, options)

        window = config.max_in_flight or _DEFAULT_WINDOW
        found = answer_items(requests, self._runner, respond, field="item", window=window)
        async with aclosing(found) as responses:
            async for response in responses:
                yield response

    async def _respond(
        self, sequence: int, item: pb.StreamTextItem, config: pb.StreamAnnotateTextConfig, options: AnnotateOptions
    ) -> pb.StreamAnnotateTextResponse:
        request = pb.AnnotateTextRequest(
            context=item_context(sequence, config.context, item.context),
            text=item.text,
            language_code=config.language_code,
            encoding_type=config.encoding_type,
            options=config.options,
        )
        outcome = await self._runner.run(request.context.request_id, lambda: self._annotate(request, options))
        return pb.StreamAnnotateTextResponse(
            sequence=sequence,
            item_id=item_id(item.item_id),
            status=outcome.status,
            annotation=outcome.value,
        )

    async def _annotate(self, request: pb.AnnotateTextRequest, options: AnnotateOptions) -> pb.AnnotateTextResponse:
        validate(request)
        found = await self._pipeline.annotate(request.text, request.language_code, options)
        return convert.annotate_response(request.context, request.text, request.encoding_type, found)
