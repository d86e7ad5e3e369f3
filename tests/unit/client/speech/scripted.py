"""A speech service that answers what a test has told it to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc
from grpc_status import rpc_status

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.speech.v1 import speech_service_pb2_grpc
from unit.client.scripted import Scripted, give


class ScriptedSpeech(Scripted, speech_service_pb2_grpc.SpeechServiceServicer):
    async def Recognize(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("Recognize", request, context)

    async def RecognizeCommands(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("RecognizeCommands", request, context)

    async def DetectSpeech(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("DetectSpeech", request, context)

    async def OpenSession(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("OpenSession", request, context)

    async def PushAudio(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("PushAudio", request, context)

    async def CloseSession(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("CloseSession", request, context)

    async def CreatePhraseSet(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("CreatePhraseSet", request, context)

    async def GetPhraseSet(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("GetPhraseSet", request, context)

    async def ListPhraseSets(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("ListPhraseSets", request, context)

    async def UpdatePhraseSet(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("UpdatePhraseSet", request, context)

    async def DeletePhraseSet(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("DeletePhraseSet", request, context)

    async def ListModels(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("ListModels", request, context)

    async def StreamingRecognize(  # noqa: N802  # gRPC names it
        self, request_iterator: Any, context: Any
    ) -> AsyncIterator[pb.StreamingRecognizeResponse]:
        """Answers each chunk by its bytes as a text: an interim result, which a wish makes final, as does the end."""
        text = ""
        async for request in self._noted("StreamingRecognize", request_iterator, context):
            if request.WhichOneof("message") == "audio":
                text += request.audio.decode()
                yield said(text, is_final=False)
            elif request.WhichOneof("message") == "finalize":
                yield said(text, is_final=True)
                text = ""
        if text:
            yield said(text, is_final=True)

    async def StreamingRecognizeCommands(  # noqa: N802  # gRPC names it
        self, request_iterator: Any, context: Any
    ) -> AsyncIterator[pb.StreamingRecognizeCommandsResponse]:
        """Answers each chunk by its bytes as a command."""
        async for request in self._noted("StreamingRecognizeCommands", request_iterator, context):
            if request.WhichOneof("message") == "audio":
                result = pb.CommandResult(accepted=True, transcript=request.audio.decode())
                yield pb.StreamingRecognizeCommandsResponse(result=result)

    async def WatchResults(  # noqa: N802  # gRPC names it
        self, request: Any, context: Any
    ) -> AsyncIterator[pb.WatchResultsResponse]:
        self.script.method.append("WatchResults")
        self.script.requests.append(request)
        for answer in self.script.watches.popleft():
            yield await give(answer, context)

    async def _noted(self, method: str, requests: Any, context: Any) -> AsyncIterator[Any]:
        script = self.script
        script.method.append(method)
        async for request in requests:
            script.requests.append(request)
            script.arrived.set()
            if request.HasField("config") and script.stream_failure is not None:
                await context.abort_with_status(rpc_status.to_status(script.stream_failure))
            if request.WhichOneof("message") == "audio" and request.audio == b"die":
                await context.abort(grpc.StatusCode.UNAVAILABLE, "gone")
            yield request


def said(text: str, *, is_final: bool = True) -> pb.StreamingRecognizeResponse:
    result = pb.StreamingRecognitionResult(is_final=is_final, stability=0.0 if is_final else 0.5)
    result.alternatives.add(transcript=text, confidence=0.75)
    return pb.StreamingRecognizeResponse(result=result)


def watched(number: int, text: str) -> pb.WatchResultsResponse:
    return pb.WatchResultsResponse(number=number, recognition=said(text))
