"""A text service that answers what a test has told it to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc
from grpc_status import rpc_status

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium.text.v1 import text_service_pb2_grpc
from unit.client.scripted import Scripted, status


class ScriptedText(Scripted, text_service_pb2_grpc.TextServiceServicer):
    async def Embed(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("Embed", request, context)

    async def Rank(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("Rank", request, context)

    async def Classify(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("Classify", request, context)

    async def ExtractEntities(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("ExtractEntities", request, context)

    async def Redact(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("Redact", request, context)

    async def Restore(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("Restore", request, context)

    async def Summarize(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("Summarize", request, context)

    async def DetectLanguage(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("DetectLanguage", request, context)

    async def AnnotateText(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("AnnotateText", request, context)

    async def Explain(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("Explain", request, context)

    async def ListModels(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("ListModels", request, context)

    async def StreamAnnotateText(  # noqa: N802  # gRPC names it
        self, request_iterator: Any, context: Any
    ) -> AsyncIterator[pb.StreamAnnotateTextResponse]:
        """Answers each text by itself in capitals, `bad` by an error, and after `die` ends the stream with an error."""
        script = self.script
        sequence = 0
        async for request in request_iterator:
            script.requests.append(request)
            script.arrived.set()
            if request.HasField("config"):
                script.method.append("StreamAnnotateText")
                if script.stream_failure is not None:
                    await context.abort_with_status(rpc_status.to_status(script.stream_failure))
                continue
            if request.item.text == "die" and script.answers:
                script.answers.popleft()
                await context.abort(grpc.StatusCode.UNAVAILABLE, "gone")
            yield answered(request.item, sequence)
            sequence += 1


def answered(item: pb.StreamTextItem, sequence: int) -> pb.StreamAnnotateTextResponse:
    response = pb.StreamAnnotateTextResponse(sequence=sequence, item_id=item.item_id)
    if item.text == "bad":
        failure = status(grpc.StatusCode.INVALID_ARGUMENT, "text: is bad", reason="INVALID_ARGUMENT")
        response.status.CopyFrom(failure)
        return response
    annotation = response.annotation
    annotation.redacted_text = item.text.upper()
    annotation.classification.labels.add(name=item.text, score=0.5)
    annotation.languages.add(language_code="en", confidence=0.75)
    annotation.entities.add(type=pb.ENTITY_TYPE_DATE, span=pb.Span(text=item.text, begin=0, end=len(item.text)))
    annotation.embedding.values.extend([1.0, 0.0])
    annotation.summary_sentences.add(span=pb.Span(text=item.text), score=1.0)
    annotation.personal_data.add(type=pb.PERSONAL_DATA_TYPE_IBAN, span=pb.Span(text=item.text), confidence=1.0)
    return response
