"""The clients of the speech service."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable
from typing import Any, ClassVar

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.speech.v1 import speech_service_pb2_grpc
from sensorium_client import _aio, _sync
from sensorium_client._call import Call, Service
from sensorium_client._context import RequestContext
from sensorium_client._defaults import SPEECH
from sensorium_client._speech import calls, phrase_calls, responses
from sensorium_client._speech.audio import MAX_AUDIO_BYTES, AudioFormat
from sensorium_client._speech.options import CommandOptions, RecognitionOptions, Seconds, StreamOptions, duration
from sensorium_client._speech.results import StreamedCommand, StreamedSpeech
from sensorium_client._speech.session import AsyncSpeechSession, SessionState, SpeechSession
from sensorium_client._speech.stream import (
    R,
    StreamItem,
    command_stream,
    commands_config,
    recognition_config,
    speech_stream,
)

_SERVICE = Service(
    SPEECH,
    speech_service_pb2_grpc.SpeechServiceStub,
    pb.ListModelsRequest,
    heavy_requests=True,
    max_input=MAX_AUDIO_BYTES,
)


class SpeechClient(_sync.SyncClient):
    """Calls the speech service and waits for the answers. Threads may share a client.

        with SpeechClient("127.0.0.1:50052") as client:
            for utterance in client.recognize("finding.wav").results:
                print(utterance.start_offset, utterance.transcript)

    The arguments of the constructor are those of `BaseClient`.
    """

    service: ClassVar[Service] = _SERVICE

    recognize = _sync.method(calls.recognize)
    recognize_commands = _sync.method(calls.recognize_commands)
    detect_speech = _sync.method(calls.detect_speech)
    create_phrase_set = _sync.method(phrase_calls.create_phrase_set)
    get_phrase_set = _sync.method(phrase_calls.get_phrase_set)
    list_phrase_sets = _sync.method(phrase_calls.list_phrase_sets)
    update_phrase_set = _sync.method(phrase_calls.update_phrase_set)
    delete_phrase_set = _sync.method(phrase_calls.delete_phrase_set)

    def stream(
        self,
        chunks: Iterable[StreamItem],
        audio_format: AudioFormat,
        options: RecognitionOptions | None = None,
        stream_options: StreamOptions | None = None,
        *,
        context: RequestContext | None = None,
        deadline: float | None = None,
    ) -> Generator[StreamedSpeech, None, None]:
        """Write down what is said while it is said.

        `chunks` is read in a thread of its own, as fast as the service takes them. Leaving the loop early cancels the
        stream.

        Args:
            chunks: bytes in the format of the stream, or arrays of samples of that type, of any size up to 32 MiB; and
                `FINALIZE` to finish an utterance without a pause.
            audio_format: what the bytes mean.
            options: how to recognise; None for the server's defaults.
            stream_options: whether there are interim results and events, and when the stream ends by itself.
            context: identifiers to find again in the responses.
            deadline: seconds for the whole stream; None for no end.

        Yields:
            Results and events, as they come.

        Raises:
            SensoriumError: the stream failed. There are no retries; see `open_session` for a way that has some.
        """
        return self._stream(speech_stream(audio_format, options, stream_options, context), chunks, deadline)

    def stream_commands(
        self,
        chunks: Iterable[StreamItem],
        audio_format: AudioFormat,
        options: CommandOptions,
        stream_options: StreamOptions | None = None,
        *,
        context: RequestContext | None = None,
        deadline: float | None = None,
    ) -> Generator[StreamedCommand, None, None]:
        """Recognise commands of a closed vocabulary while they are spoken; arguments and errors as for `stream`."""
        return self._stream(command_stream(audio_format, options, stream_options, context), chunks, deadline)

    def open_session(
        self,
        audio_format: AudioFormat,
        options: RecognitionOptions | None = None,
        stream_options: StreamOptions | None = None,
        *,
        idle_timeout: Seconds | None = None,
        context: RequestContext | None = None,
        deadline: float | None = None,
    ) -> SpeechSession[StreamedSpeech]:
        """Open a session: the same as `stream`, of calls that are repeated when the connection breaks.

        Args:
            audio_format: what the bytes of the audio mean.
            options: how to recognise; None for the server's defaults.
            stream_options: whether there are interim results and events, and when the session ends by itself.
            idle_timeout: the session expires when nobody calls or watches it for so long, 5 s to 1 h; None for 60 s.
            context: identifiers to find again in the responses.
            deadline: seconds until the session must be open, retries included; None for the client's default.

        Raises:
            SensoriumError: the call failed; its class says how.
        """
        config = recognition_config(audio_format, options, stream_options, context)
        request = _open(pb.OpenSessionRequest(recognition=config), idle_timeout)
        return SpeechSession(self, self._make(_open_call(request, audio_format, _speech_of, deadline)))

    def open_commands_session(
        self,
        audio_format: AudioFormat,
        options: CommandOptions,
        stream_options: StreamOptions | None = None,
        *,
        idle_timeout: Seconds | None = None,
        context: RequestContext | None = None,
        deadline: float | None = None,
    ) -> SpeechSession[StreamedCommand]:
        """Open a session that recognises commands; arguments and errors as for `open_session`."""
        config = commands_config(audio_format, options, stream_options, context)
        request = _open(pb.OpenSessionRequest(commands=config), idle_timeout)
        return SpeechSession(self, self._make(_open_call(request, audio_format, _command_of, deadline)))


class AsyncSpeechClient(_aio.AsyncClient):
    """Calls the speech service from asyncio; for use in one event loop.

        async with AsyncSpeechClient("127.0.0.1:50052") as client:
            for utterance in (await client.recognize("finding.wav")).results:
                print(utterance.start_offset, utterance.transcript)

    The arguments of the constructor are those of `BaseClient`.
    """

    service: ClassVar[Service] = _SERVICE

    recognize = _aio.method(calls.recognize)
    recognize_commands = _aio.method(calls.recognize_commands)
    detect_speech = _aio.method(calls.detect_speech)
    create_phrase_set = _aio.method(phrase_calls.create_phrase_set)
    get_phrase_set = _aio.method(phrase_calls.get_phrase_set)
    list_phrase_sets = _aio.method(phrase_calls.list_phrase_sets)
    update_phrase_set = _aio.method(phrase_calls.update_phrase_set)
    delete_phrase_set = _aio.method(phrase_calls.delete_phrase_set)

    def stream(
        self,
        chunks: Iterable[StreamItem] | AsyncIterable[StreamItem],
        audio_format: AudioFormat,
        options: RecognitionOptions | None = None,
        stream_options: StreamOptions | None = None,
        *,
        context: RequestContext | None = None,
        deadline: float | None = None,
    ) -> AsyncGenerator[StreamedSpeech, None]:
        """As `SpeechClient.stream`. Closing the iterator (`contextlib.aclosing`) cancels the stream."""
        return self._stream(speech_stream(audio_format, options, stream_options, context), chunks, deadline)

    def stream_commands(
        self,
        chunks: Iterable[StreamItem] | AsyncIterable[StreamItem],
        audio_format: AudioFormat,
        options: CommandOptions,
        stream_options: StreamOptions | None = None,
        *,
        context: RequestContext | None = None,
        deadline: float | None = None,
    ) -> AsyncGenerator[StreamedCommand, None]:
        """As `SpeechClient.stream_commands`. Closing the iterator (`contextlib.aclosing`) cancels the stream."""
        return self._stream(command_stream(audio_format, options, stream_options, context), chunks, deadline)

    async def open_session(
        self,
        audio_format: AudioFormat,
        options: RecognitionOptions | None = None,
        stream_options: StreamOptions | None = None,
        *,
        idle_timeout: Seconds | None = None,
        context: RequestContext | None = None,
        deadline: float | None = None,
    ) -> AsyncSpeechSession[StreamedSpeech]:
        """As `SpeechClient.open_session`."""
        config = recognition_config(audio_format, options, stream_options, context)
        request = _open(pb.OpenSessionRequest(recognition=config), idle_timeout)
        return AsyncSpeechSession(self, await self._make(_open_call(request, audio_format, _speech_of, deadline)))

    async def open_commands_session(
        self,
        audio_format: AudioFormat,
        options: CommandOptions,
        stream_options: StreamOptions | None = None,
        *,
        idle_timeout: Seconds | None = None,
        context: RequestContext | None = None,
        deadline: float | None = None,
    ) -> AsyncSpeechSession[StreamedCommand]:
        """As `SpeechClient.open_commands_session`."""
        config = commands_config(audio_format, options, stream_options, context)
        request = _open(pb.OpenSessionRequest(commands=config), idle_timeout)
        return AsyncSpeechSession(self, await self._make(_open_call(request, audio_format, _command_of, deadline)))


def _open(request: pb.OpenSessionRequest, idle_timeout: Seconds | None) -> pb.OpenSessionRequest:
    seconds = duration(idle_timeout, "idle_timeout")
    if seconds is not None:
        request.idle_timeout.CopyFrom(seconds)
    return request


def _open_call(
    request: pb.OpenSessionRequest, audio_format: AudioFormat, result: Callable[[Any], R], deadline: float | None
) -> Call[SessionState[R]]:
    return Call(
        lambda stubs: stubs.service.OpenSession,
        request,
        lambda response: SessionState(response, audio_format, result),
        deadline,
    )


def _speech_of(response: pb.WatchResultsResponse) -> StreamedSpeech:
    return responses.streamed_speech(response.recognition)


def _command_of(response: pb.WatchResultsResponse) -> StreamedCommand:
    return responses.streamed_command(response.commands)
