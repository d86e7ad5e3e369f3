"""StreamingRecognize: its messages in, what is heard out; the same for sessions."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Protocol

from google.protobuf.message import Message

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium_core import responses
from sensorium_core.call import serving
from sensorium_core.errors import InvalidInputError
from sensorium_core.limits import BoundedExecutor
from sensorium_core.streaming import ItemRunner, configuration
from sensorium_core.triton import ServedModel
from sensorium_core.validation import validate
from sensorium_speech import convert, convert_phrases
from sensorium_speech.command_streaming import CommandConversation
from sensorium_speech.commands import Commander, CommandHearer
from sensorium_speech.contexts import stream_context
from sensorium_speech.domain import Expected, Recognized, Transcript
from sensorium_speech.listening import FINALIZE, Happened, Heard, Input, Listener, Places, RecognitionPlaces, patiently
from sensorium_speech.phrase_set_methods import PhraseSets
from sensorium_speech.recognition import Dictation, Transcriber
from sensorium_speech.redaction import Redactor
from sensorium_speech.vad import SpeechDetector


class Conversation(Protocol):
    """One stream or session: sound in, messages out."""

    def answer(self, inputs: AsyncIterator[Input]) -> AsyncGenerator[Any, None]:
        """The responses, until the inputs end or the stream ends by itself.

        Raises:
            SensoriumError: an input is wrong, or a model is away for too long.
        """
        ...


class RecognitionConversation:
    """Writes down what is said in one stream or session.

    Args:
        config: that has been validated; `field` is its path in the request.
        transcriber: writes utterances down.
        redactor: masks personal data.
        detector: the model that tells speech from other sound.
        work: where sound is decoded.
        places: for interim recognitions of all streams.
        expected: phrases to expect.

    Raises:
        SensoriumError: the configuration asks for what is not there.
    """

    def __init__(
        self,
        config: pb.StreamingRecognitionConfig,
        *,
        transcriber: Transcriber,
        redactor: Redactor,
        detector: ServedModel,
        work: BoundedExecutor,
        places: RecognitionPlaces,
        expected: tuple[Expected, ...],
        field: str,
    ) -> None:
        options = replace(convert.recognition_options(config.config, f"{field}.config"), expected=expected)
        self._context = config.context
        self._language = transcriber.check(options)
        redactor.check(options)
        self._redactor, self._options = redactor, options
        self._shown: dict[int, list[str]] = {}  # words of the newest interim result, by channel
        listen = convert.listen_options(
            config.audio_format,
            config.streaming_features,
            options.voice_activity,
            separate=options.separate,
            interim=config.streaming_features.interim_results and not options.redact,
        )
        tracks = listen.audio_format.channels if listen.separate else 1
        hearer = Dictation(transcriber, options)
        self._listener = Listener(listen, SpeechDetector(detector, tracks), hearer, work, places)

    async def ready(self) -> None:
        """Finds out before any sound comes whether what the configuration asks for can be done now.

        Raises:
            UnavailableError: REDACTION_UNAVAILABLE.
        """
        await self._redactor.ready(self._options)

    async def answer(self, inputs: AsyncIterator[Input]) -> AsyncGenerator[pb.StreamingRecognizeResponse, None]:
        """As in Conversation."""
        await self.ready()
        async with aclosing(self._listener.listen(inputs)) as outputs:
            async for output in outputs:
                if isinstance(output, Happened):
                    yield pb.StreamingRecognizeResponse(
                        context=stream_context(self._context), event=convert.event(output)
                    )
                elif output.final or output.value.alternatives:
                    yield self._result(await self._masked(output))

    async def _masked(self, heard: Heard[Recognized]) -> Heard[Recognized]:
        """What was heard as it may leave; where the text service is away, it is waited for as a model is."""

        async def mask() -> tuple[Transcript, ...]:
            return await self._redactor.mask(heard.value.alternatives, self._options, self._language)

        with serving(heard.call):
            alternatives = await patiently(mask)
        return replace(heard, value=replace(heard.value, alternatives=alternatives))

    def _result(self, heard: Heard[Recognized]) -> pb.StreamingRecognizeResponse:
        result = pb.StreamingRecognitionResult(
            alternatives=convert.alternatives(heard.value.alternatives),
            is_final=heard.final,
            stability=self._stability(heard),
            channel_tag=heard.tag,
            start_offset=convert.offset(heard.utterance.begin),
            end_offset=convert.offset(heard.utterance.end),
            language_code=self._language,
            utterance_index=heard.index,
        )
        with serving(heard.call):
            return pb.StreamingRecognizeResponse(result=result, **responses.common(self._context))

    def _stability(self, heard: Heard[Recognized]) -> float:
        before = self._shown.pop(heard.tag, [])
        if heard.final:
            return 0.0
        words = [word.text for word in heard.value.alternatives[0].words]
        self._shown[heard.tag] = words
        return agreement(before, words)


def agreement(before: list[str], now: list[str]) -> float:
    """The share of words, counted from the first, that the version before had too: 0 to 1.

    The longest common prefix of successive hypotheses, as local agreement takes for certain (Liu et al. 2020).
    """
    same = 0
    for old, new in zip(before, now, strict=False):
        if old.strip(_PUNCTUATION).lower() != new.strip(_PUNCTUATION).lower():
            break
        same += 1
    return same / len(now) if now else 0.0


_PUNCTUATION = ".,;:!?"


class Conversations:
    """Opens streams and sessions.

    Args:
        transcriber: writes utterances down.
        redactor: masks personal data.
        detector: the model that tells speech from other sound.
        work: where sound is decoded.
        commander: recognises commands.
        phrase_sets: finds the phrase sets that a configuration names.
    """

    def __init__(
        self,
        *,
        transcriber: Transcriber,
        redactor: Redactor,
        detector: ServedModel,
        work: BoundedExecutor,
        commander: Commander,
        phrase_sets: PhraseSets,
    ) -> None:
        self._transcriber = transcriber
        self._commander = commander
        self._phrase_sets = phrase_sets
        self._redactor = redactor
        self._detector = detector
        self._work = work
        self._places = RecognitionPlaces()

    async def recognition(
        self, config: pb.StreamingRecognitionConfig, field: str = "config"
    ) -> RecognitionConversation:
        """One that writes down what is said.

        Raises:
            SensoriumError: the configuration asks for what is not there.
        """
        expected = await self._phrase_sets.expected(config.config.adaptation, f"{field}.config.adaptation")
        return RecognitionConversation(
            config,
            transcriber=self._transcriber,
            redactor=self._redactor,
            detector=self._detector,
            work=self._work,
            places=self._places,
            expected=expected,
            field=field,
        )

    async def commands(self, config: pb.StreamingCommandsConfig, field: str = "config") -> CommandConversation:
        """One that recognises commands.

        Raises:
            SensoriumError: the configuration asks for what is not there.
        """
        sets = await self._phrase_sets.resolve(config.config.vocabulary, f"{field}.config.vocabulary")
        options = convert_phrases.command_options(config.config, sets, f"{field}.config")
        self._commander.check(options)
        vocabulary = await self._commander.prepare(options)
        hearer = CommandHearer(self._commander, vocabulary, options.min_confidence)
        return CommandConversation(config, options=options, hearer=hearer, detector=self._detector, work=self._work)


class Streams:
    """Serves bidirectional streams.

    Args:
        places: that streams and sessions share.
        runner: ends streams when the server does.
    """

    def __init__(self, places: Places, runner: ItemRunner) -> None:
        self._places = places
        self._runner = runner

    async def answer(
        self, requests: AsyncIterator[Any], empty: Message, open_conversation: Callable[[Any], Awaitable[Conversation]]
    ) -> AsyncGenerator[Any, None]:
        """Responses to a stream of a configuration, sound and wishes.

        Args:
            requests: the stream's messages.
            empty: such a message without content.
            open_conversation: makes a conversation of a configuration that has been validated.

        Raises:
            SensoriumError: STREAM_ORDER, or what the conversation raises.
        """
        config = await configuration(requests, empty)
        release = self._places.take()
        try:
            conversation = await open_conversation(config)
            async with aclosing(conversation.answer(self._inputs(requests))) as answers:
                async for answer in answers:
                    yield answer
        finally:
            release()

    async def _inputs(self, requests: AsyncIterator[Any]) -> AsyncGenerator[Input, None]:
        async with aclosing(self._runner.until_drained(requests)) as received:
            async for request in received:
                validate(request)
                kind = request.WhichOneof("message")
                if kind not in ("audio", "finalize"):
                    text = "every message after the configuration must be of the kind 'audio' or 'finalize'"
                    raise InvalidInputError.field(kind or "audio", text, reason="STREAM_ORDER")
                yield FINALIZE if kind == "finalize" else request.audio
