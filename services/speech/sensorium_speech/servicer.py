"""The gRPC servicer: converts, delegates, converts."""

import math
from collections.abc import AsyncIterator, Hashable
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import grpc
from google.protobuf import empty_pb2

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.speech.v1 import speech_service_pb2_grpc
from sensorium_core import responses
from sensorium_core.streaming import ItemRunner
from sensorium_speech import convert, convert_phrases
from sensorium_speech.contexts import stream_context
from sensorium_speech.phrase_set_methods import PhraseSets
from sensorium_speech.pipeline import SpeechPipeline
from sensorium_speech.sessions import SessionStore
from sensorium_speech.streaming import Conversation, Conversations, Streams

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["SpeechService"].full_name
Context = grpc.aio.ServicerContext[Any, Any]
# Seconds: longer, a recogniser that was trained on sentences begins to skip; shorter, it lacks their context.
_LONGEST_PASSAGE = 20.0
_DEFAULT_IDLE_SECONDS = 60.0


class SpeechServicer(speech_service_pb2_grpc.SpeechServiceServicer):
    """Serves `sensorium.speech.v1.SpeechService`.

    Args:
        pipeline: for recordings.
        phrase_sets: for phrase sets, and those that other requests name.
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
        phrase_sets: PhraseSets,
        conversations: Conversations,
        streams: Streams,
        sessions: SessionStore,
        runner: ItemRunner,
        max_message_bytes: int,
    ) -> None:
        self._pipeline = pipeline
        self._phrase_sets = phrase_sets
        self._conversations = conversations
        self._streams = streams
        self._sessions = sessions
        self._runner = runner
        self._max_message_bytes = max_message_bytes

    async def Recognize(self, request: pb.RecognizeRequest, context: Context) -> pb.RecognizeResponse:
        """What is said in a recording."""
        expected = await self._phrase_sets.expected(request.config.adaptation, "config.adaptation")
        options = replace(convert.recognition_options(request.config, longest=_LONGEST_PASSAGE), expected=expected)
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
        conversation: Conversation
        config: pb.StreamingRecognitionConfig | pb.StreamingCommandsConfig
        if request.WhichOneof("config") == "recognition":
            config = request.recognition
            recognition = await self._conversations.recognition(config, "recognition")
            await recognition.ready()
            conversation = recognition
        else:
            config = request.commands
            conversation = await self._conversations.commands(config, "commands")
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
                    if isinstance(response, pb.StreamingRecognizeResponse):
                        yield pb.WatchResultsResponse(number=number, recognition=response)
                    else:
                        yield pb.WatchResultsResponse(number=number, commands=response)

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

    async def RecognizeCommands(
        self, request: pb.RecognizeCommandsRequest, context: Context
    ) -> pb.RecognizeCommandsResponse:
        """Commands in a recording."""
        sets = await self._phrase_sets.resolve(request.config.vocabulary, "config.vocabulary")
        options = convert_phrases.command_options(request.config, sets, "config")
        findings = await self._pipeline.recognize_commands(convert.audio_source(request.audio), options)
        return pb.RecognizeCommandsResponse(
            results=map(convert_phrases.command, findings.found),
            audio_duration=convert.duration(findings.seconds),
            **responses.common(request.context),
        )

    async def StreamingRecognizeCommands(
        self, request_iterator: AsyncIterator[pb.StreamingRecognizeCommandsRequest], context: Context
    ) -> AsyncIterator[pb.StreamingRecognizeCommandsResponse]:
        """Commands in a stream."""
        empty = pb.StreamingRecognizeCommandsRequest()
        async with aclosing(self._streams.answer(request_iterator, empty, self._conversations.commands)) as found:
            async for response in found:
                yield response

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

    async def CreatePhraseSet(self, request: pb.CreatePhraseSetRequest, context: Context) -> pb.PhraseSet:
        """Keeps a phrase set."""
        return await self._phrase_sets.create(request)

    async def GetPhraseSet(self, request: pb.GetPhraseSetRequest, context: Context) -> pb.PhraseSet:
        """A phrase set."""
        return await self._phrase_sets.get(request)

    async def ListPhraseSets(self, request: pb.ListPhraseSetsRequest, context: Context) -> pb.ListPhraseSetsResponse:
        """A page of the phrase sets."""
        return await self._phrase_sets.list(request)

    async def UpdatePhraseSet(self, request: pb.UpdatePhraseSetRequest, context: Context) -> pb.PhraseSet:
        """Changes a phrase set."""
        return await self._phrase_sets.update(request)

    async def DeletePhraseSet(self, request: pb.DeletePhraseSetRequest, context: Context) -> empty_pb2.Empty:
        """Removes a phrase set."""
        await self._phrase_sets.delete(request)
        return empty_pb2.Empty()

    async def ListModels(self, request: pb.ListModelsRequest, context: Context) -> pb.ListModelsResponse:
        """The models in use."""
        seconds = self._pipeline.limits.max_seconds
        return pb.ListModelsResponse(
            models=[convert.model(served, seconds, self._max_message_bytes) for served in self._pipeline.catalog]
        )


def _channel(
    response: pb.StreamingRecognizeResponse | pb.StreamingRecognizeCommandsResponse,
) -> tuple[Hashable, bool]:
    """The channel that a response is of, and whether it is an interim result."""
    if response.WhichOneof("message") != "result":
        return None, False
    interim = isinstance(response, pb.StreamingRecognizeResponse) and not response.result.is_final
    return response.result.channel_tag, interim
