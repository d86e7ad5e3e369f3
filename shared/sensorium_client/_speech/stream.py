"""Streams of speech: their requests, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, Final, TypeAlias, TypeVar

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium_client._call import Stubs
from sensorium_client._context import RequestContext, context_message
from sensorium_client._message import Fields, build
from sensorium_client._speech import responses
from sensorium_client._speech.audio import AudioFormat, Chunk, chunk_bytes
from sensorium_client._speech.options import CommandOptions, RecognitionOptions, StreamOptions
from sensorium_client._speech.results import StreamedCommand, StreamedSpeech
from sensorium_client._stream import StreamOrder


class _Wish(Enum):
    FINALIZE = "finalize"


FINALIZE: Final = _Wish.FINALIZE
"""Among the chunks of a stream: finish the utterance now, without a pause."""

StreamItem: TypeAlias = Chunk | _Wish
"""A piece of a stream, or `FINALIZE`."""

R = TypeVar("R", bound=StreamedSpeech | StreamedCommand)
Q = TypeVar("Q", bound=pb.StreamingRecognizeRequest | pb.StreamingRecognizeCommandsRequest)


class _Stream(StreamOrder[StreamItem, Q, Any, R]):
    """Sends sound as it is, and hands on what comes back."""

    def __init__(
        self,
        method: Callable[[Stubs], Any],
        kind: Callable[..., Q],
        config: Any,
        audio_format: AudioFormat,
        result: Callable[[Any], R],
    ) -> None:
        super().__init__(method, kind(config=config))
        self._kind = kind
        self._format = audio_format
        self._result = result

    def request_for(self, item: StreamItem) -> Q:
        if isinstance(item, _Wish):
            return self._kind(finalize=pb.Finalize())
        return self._kind(audio=chunk_bytes(item, self._format))

    def results_for(self, response: Any) -> Iterator[R]:
        yield self._result(response)

    def last_results(self) -> Iterator[R]:
        if self.source_error is not None:
            raise self.source_error
        return iter(())


def speech_stream(
    audio_format: AudioFormat,
    options: RecognitionOptions | None,
    stream_options: StreamOptions | None,
    context: RequestContext | None,
) -> StreamOrder[StreamItem, pb.StreamingRecognizeRequest, Any, StreamedSpeech]:
    """A stream of StreamingRecognize."""
    config = recognition_config(audio_format, options, stream_options, context)
    return _Stream(
        lambda stubs: stubs.service.StreamingRecognize,
        pb.StreamingRecognizeRequest,
        config,
        audio_format,
        responses.streamed_speech,
    )


def command_stream(
    audio_format: AudioFormat,
    options: CommandOptions,
    stream_options: StreamOptions | None,
    context: RequestContext | None,
) -> StreamOrder[StreamItem, pb.StreamingRecognizeCommandsRequest, Any, StreamedCommand]:
    """A stream of StreamingRecognizeCommands."""
    config = commands_config(audio_format, options, stream_options, context)
    return _Stream(
        lambda stubs: stubs.service.StreamingRecognizeCommands,
        pb.StreamingRecognizeCommandsRequest,
        config,
        audio_format,
        responses.streamed_command,
    )


def recognition_config(
    audio_format: AudioFormat,
    options: RecognitionOptions | None,
    stream_options: StreamOptions | None,
    context: RequestContext | None,
) -> pb.StreamingRecognitionConfig:
    """The configuration of a stream or session that recognises."""
    fields = _config_fields(audio_format, options, stream_options, context)
    return build(pb.StreamingRecognitionConfig, fields, "config")


def commands_config(
    audio_format: AudioFormat,
    options: CommandOptions,
    stream_options: StreamOptions | None,
    context: RequestContext | None,
) -> pb.StreamingCommandsConfig:
    """The configuration of a stream or session of commands."""
    fields = _config_fields(audio_format, options, stream_options, context)
    return build(pb.StreamingCommandsConfig, fields, "config")


def _config_fields(
    audio_format: AudioFormat,
    options: RecognitionOptions | CommandOptions | None,
    stream_options: StreamOptions | None,
    context: RequestContext | None,
) -> Fields:
    return {
        "context": context_message(context),
        "audio_format": audio_format.to_proto(),
        "config": None if options is None else options.to_fields(),
        "streaming_features": None if stream_options is None else stream_options.to_fields(),
    }
