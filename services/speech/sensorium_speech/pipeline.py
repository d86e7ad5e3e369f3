"""From a recording as it came in to what is in it: checked, decoded, cut at pauses, heard utterance by utterance."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from sensorium_core.call import Stage
from sensorium_core.concurrency import together
from sensorium_core.limits import BoundedExecutor, MemoryBudget
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import ModelCatalog
from sensorium_speech import models
from sensorium_speech.audio import AudioLimits, decode, read_header
from sensorium_speech.commands import Command, Commander, CommandOptions
from sensorium_speech.domain import (
    AudioSource,
    Piece,
    RecognitionOptions,
    Recording,
    Spoken,
    VoiceActivity,
)
from sensorium_speech.listening import patiently
from sensorium_speech.recognition import Transcriber
from sensorium_speech.redaction import Redactor
from sensorium_speech.vad import passages, segment, track_likelihoods

R = TypeVar("R")

# Utterances of one recording that are heard at a time: more would make long batches, which streams then wait for.
_WINDOW = 4


@dataclass(frozen=True)
class Findings(Generic[R]):
    """What was found in a recording of so many seconds, in the order of its time."""

    found: Sequence[R]
    seconds: float


class SpeechPipeline:
    """What the speech service can do with a recording."""

    def __init__(
        self,
        *,
        catalog: ModelCatalog,
        transcriber: Transcriber,
        redactor: Redactor,
        commander: Commander,
        work: BoundedExecutor,
        budget: MemoryBudget,
        limits: AudioLimits,
        metrics: Metrics,
    ) -> None:
        self.catalog = catalog
        self.limits = limits
        self._transcriber = transcriber
        self._redactor = redactor
        self._commander = commander
        self._work = work
        self._budget = budget
        self._metrics = metrics
        self.detector = catalog[models.SILERO.name]

    async def recognize(self, source: AudioSource, options: RecognitionOptions) -> Findings[Spoken]:
        """What is said in a recording.

        Raises:
            SensoriumError: the recording or an option is wrong, or a model does not answer.
        """
        language = self._transcriber.check(options)
        self._redactor.check(options)
        await self._redactor.ready(options)

        async def hear(piece: Piece) -> Spoken:
            found = await self._transcriber.transcribe(piece, options)
            alternatives = await self._redactor.mask(found.alternatives, options, language)
            return Spoken(piece.utterance, alternatives, language, piece.tag)

        activity = options.voice_activity
        spoken = await self.each_utterance(source, activity, hear, separate=options.separate, joined=True)
        return Findings([one for one in spoken.found if one.alternatives], spoken.seconds)

    async def recognize_commands(self, source: AudioSource, options: CommandOptions) -> Findings[Command]:
        """The commands in a recording.

        Raises:
            SensoriumError: the recording or an option is wrong, or a model does not answer.
        """
        self._commander.check(options)
        vocabulary = await self._commander.prepare(options)

        async def hear(piece: Piece) -> Command:
            return await self._commander.hear(piece, vocabulary, options.min_confidence)

        return await self.each_utterance(source, options.voice_activity, hear, separate=options.separate)

    async def detect(self, source: AudioSource, options: VoiceActivity, *, separate: bool) -> Findings[Piece]:
        """Where speech is in a recording.

        Raises:
            SensoriumError: the recording is wrong, or the model does not answer.
        """
        async with self._recording(source, separate=separate) as recording:
            return Findings(await self._pieces(recording, options), recording.seconds)

    async def each_utterance(
        self,
        source: AudioSource,
        options: VoiceActivity,
        hear: Callable[[Piece], Awaitable[R]],
        *,
        separate: bool,
        joined: bool = False,
    ) -> Findings[R]:
        """Hears the utterances of a recording, a bounded number of them at a time.

        Once something was heard, a model that is away for some seconds is waited for, so that no work is lost.

        Args:
            source: the recording.
            options: how utterances are found.
            hear: recognises one.
            separate: whether channels are kept apart.
            joined: whether utterances that are near each other are heard as one.

        Raises:
            SensoriumError: the recording is wrong, or a model does not answer.
        """
        places, heard = asyncio.Semaphore(_WINDOW), 0

        async def in_turn(piece: Piece) -> R:
            nonlocal heard
            async with places:
                found = await (patiently(lambda: hear(piece)) if heard else hear(piece))
            heard += 1
            return found

        async with self._recording(source, separate=separate) as recording:
            pieces = await self._pieces(recording, options, joined=joined)
            return Findings(await together(*(in_turn(piece) for piece in pieces)), recording.seconds)

    @asynccontextmanager
    async def _recording(self, source: AudioSource, *, separate: bool) -> AsyncIterator[Recording]:
        header = await self._work.run(Stage.DECODE, read_header, source, self.limits)
        async with self._budget.hold(header.decoded_bytes):
            with self._metrics.decode.time():
                recording = await self._work.run(Stage.DECODE, decode, source, header, self.limits, separate=separate)
            yield recording

    async def _pieces(self, recording: Recording, options: VoiceActivity, *, joined: bool = False) -> list[Piece]:
        likelihoods = await track_likelihoods(self.detector, recording.tracks)
        pieces = []
        for track, samples in enumerate(recording.tracks):
            found = list(segment(likelihoods[track].tolist(), options))
            whole = passages(found, options.max_speech) if joined else found
            pieces += [Piece(one, samples[one.begin : one.end], recording.tag(track)) for one in whole]
        return sorted(pieces, key=lambda piece: (piece.utterance.begin, piece.tag))
