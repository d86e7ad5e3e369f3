"""The gRPC servicer: converts, delegates, converts."""

import math
from collections.abc import AsyncIterator, Hashable
from contextlib import aclosing
from typing import Any

import grpc

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.speech.v1 import speech_service_pb2_grpc
from sensorium_core import responses
from sensorium_core.streaming import ItemRunner
from sensorium_speech import convert
from sensorium_speech.pipeline import SpeechPipeline
from sensorium_speech.sessions import SessionStore
from sensorium_speech.streaming import Conversations, Streams, stream_context

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["SpeechService"].full_name
Context = grpc.aio.ServicerContext[Any, Any]
# Seconds: longer, a recogniser that was trained on sentences begins to skip; shorter, it lacks their context.
_LONGEST_PASSAGE = 20.0
_DEFAULT_IDLE_SECONDS = 60.0


class SpeechServicer(speech_service_pb2_grpc.SpeechServiceServicer):
    """Serves `sensorium.speech.v1.SpeechService`.

    Args:
        pipeline: for recordings.
        conversations: for streams and sessions.
        streams: for streams.
        sessions: for sessions.
        runner: ends watches when the server does.
        max_message_bytes: told to callers.
    """

    def __init__(
        self,
        *,
        pipeline: SpeechPipeline,
        conversations: Conversations,
        streams: Streams,
        sessions: SessionStore,
        runner: ItemRunner,
        max_message_bytes: int,
    ) -> None:
        self._pipeline = pipeline
        self._conversations = conversations
        self._streams = streams
        self._sessions = sessions
        self._runner = runner
        self._max_message_bytes = max_message_bytes

    async def Recognize(self, request: pb.RecognizeRequest, context: Context) -> pb.RecognizeResponse:
        """What is said in a recording."""
        options = convert.recognition_options(request.config, longest=_LONGEST_PASSAGE)
        findings = await self._pipeline.recognize(convert.audio_source(request.audio), options)
        return pb.RecognizeResponse(
            results=convert.results(findings.found),
            audio_duration=convert.duration(findings.seconds),
            **responses.common(request.context),
        )

    async def StreamingRecognize(
        self, request_iterator: AsyncIterator[pb.StreamingRecognizeRequest], context: Context
    ) -> AsyncIterator[pb.StreamingRecognizeResponse]:
        """What is said in a stream."""
        empty = pb.StreamingRecognizeRequest()
        async with aclosing(self._streams.answer(request_iterator, empty, self._conversations.recognition)) as found:
            async for response in found:
                yield response

    async def OpenSession(self, request: pb.OpenSessionRequest, context: Context) -> pb.OpenSessionResponse:
        """A stream whose sound and results go separate ways."""
        if request.WhichOneof("config") != "recognition":
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "Sessions do not recognise commands yet.")
        config = request.recognition
        conversation = self._conversations.recognition(config, "recognition")
        await conversation.ready()
        idle = convert.seconds(request, "idle_timeout", _DEFAULT_IDLE_SECONDS)
        audio_format = convert.audio_format(config.audio_format)
        session = self._sessions.open(audio_format, conversation.answer, _channel, idle)
        return pb.OpenSessionResponse(
            context=stream_context(config.context), session=session, idle_timeout=convert.duration(idle)
        )

    async def PushAudio(self, request: pb.PushAudioRequest, context: Context) -> pb.PushAudioResponse:
        """Sound for a session."""
        with self._sessions.using(request.session) as session:
            received = await session.push(request.sequence_number, request.audio, finalize=request.finalize)
        return pb.PushAudioResponse(
            next_sequence_number=received.next_number,
            audio_duration=convert.duration(received.seconds),
            repeated_chunk=received.repeated,
        )

    async def WatchResults(
        self, request: pb.WatchResultsRequest, context: Context
    ) -> AsyncIterator[pb.WatchResultsResponse]:
        """The results of a session."""
        with self._sessions.using(request.session) as session:
            watching = session.watch(request.first_number)
            async with aclosing(watching), aclosing(self._runner.until_drained(watching)) as found:
                async for number, response in found:
                    yield pb.WatchResultsResponse(number=number, recognition=response)

    async def CloseSession(self, request: pb.CloseSessionRequest, context: Context) -> pb.CloseSessionResponse:
        """The end of a session's sound."""
        with self._sessions.using(request.session) as session:
            if not request.discard:
                await session.close()
            response = pb.CloseSessionResponse(
                audio_duration=convert.duration(session.received.seconds), response_count=session.response_count
            )
        if request.discard:
            self._sessions.discard(request.session)
        return response

    async def DetectSpeech(self, request: pb.DetectSpeechRequest, context: Context) -> pb.DetectSpeechResponse:
        """Where speech is in a recording."""
        options = convert.voice_activity(request.voice_activity, longest=math.inf)
        separate = convert.is_separate(request.multi_channel_mode)
        findings = await self._pipeline.detect(convert.audio_source(request.audio), options, separate=separate)
        return pb.DetectSpeechResponse(
            segments=convert.segments(findings.found),
            audio_duration=convert.duration(findings.seconds),
            **responses.common(request.context),
        )

    async def ListModels(self, request: pb.ListModelsRequest, context: Context) -> pb.ListModelsResponse:
        """The models in use."""
        seconds = self._pipeline.limits.max_seconds
        return pb.ListModelsResponse(
            models=[convert.model(served, seconds, self._max_message_bytes) for served in self._pipeline.catalog]
        )


def _channel(response: pb.StreamingRecognizeResponse) -> tuple[Hashable, bool]:
    """The channel that a response is of, and whether it is an interim result."""
    if response.WhichOneof("message") != "result":
        return None, False
    return response.result.channel_tag, not response.result.is_final
