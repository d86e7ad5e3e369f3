"""StreamingRecognizeCommands: what is heard of one stream or session of commands."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium_core import responses
from sensorium_core.call import serving
from sensorium_core.limits import BoundedExecutor
from sensorium_core.triton import ServedModel
from sensorium_speech import convert, convert_phrases
from sensorium_speech.commands import Command, CommandHearer, CommandOptions
from sensorium_speech.contexts import stream_context
from sensorium_speech.listening import Happened, Heard, Input, Listener
from sensorium_speech.vad import SpeechDetector


class CommandConversation:
    """Recognises the commands of one stream or session.

    Args:
        config: that has been validated.
        options: what it asks for.
        hearer: recognises the commands.
        detector: the model that tells speech from other sound.
        work: where sound is decoded.
    """

    def __init__(
        self,
        config: pb.StreamingCommandsConfig,
        *,
        options: CommandOptions,
        hearer: CommandHearer,
        detector: ServedModel,
        work: BoundedExecutor,
    ) -> None:
        self._context = config.context
        listen = convert.listen_options(
            config.audio_format,
            config.streaming_features,
            options.voice_activity,
            separate=options.separate,
            interim=False,
        )
        tracks = listen.audio_format.channels if listen.separate else 1
        self._listener = Listener(listen, SpeechDetector(detector, tracks), hearer, work)

    async def answer(self, inputs: AsyncIterator[Input]) -> AsyncGenerator[pb.StreamingRecognizeCommandsResponse, None]:
        """As in Conversation."""
        async with aclosing(self._listener.listen(inputs)) as outputs:
            async for output in outputs:
                yield self._event(output) if isinstance(output, Happened) else self._result(output)

    def _event(self, happened: Happened) -> pb.StreamingRecognizeCommandsResponse:
        context = stream_context(self._context)
        return pb.StreamingRecognizeCommandsResponse(context=context, event=convert.event(happened))

    def _result(self, heard: Heard[Command]) -> pb.StreamingRecognizeCommandsResponse:
        result = convert_phrases.command(heard.value)
        with serving(heard.call):
            return pb.StreamingRecognizeCommandsResponse(result=result, **responses.common(self._context))
