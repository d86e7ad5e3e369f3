"""The engine of streams: sound in, utterances found and recognised while more sound comes, results out in order.

Reading, recognising and sending overlap. What waits between them is bounded: when the recogniser or the reader of the
results cannot keep up, no further sound is read.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Generic, Literal, TypeVar

import numpy as np

from sensorium_core.call import Stage
from sensorium_core.errors import SensoriumError
from sensorium_core.limits import BoundedExecutor
from sensorium_speech.audio import StreamDecoder
from sensorium_speech.domain import SAMPLE_RATE, AudioFormat, Floats, Samples, Utterance, VoiceActivity
from sensorium_speech.listening._outputs import Happened, Happening, Hearer, Output
from sensorium_speech.listening._recognition import Finding, RecognitionPlaces, Recognitions, finding_of, patiently
from sensorium_speech.listening._track import Detector, Track, split_frames
from sensorium_speech.vad import FRAME

R = TypeVar("R")

# Results and events that may wait for the reader, or for the recogniser.
_WINDOW = 16
# Sound is decoded and searched in pieces of at most so many seconds, however much of it comes at once.
_PIECE_SECONDS = 0.5
# Bytes of sound that are decoded in less time than another thread takes to begin: 0.1 s of 16-bit samples at 16 kHz.
_LIGHT_BYTES = 4096
_INTERIM_EVERY = 0.5
# Frames that are searched at once at least, a tenth of a second: a request for each would cost more than the search.
_LEAST_FRAMES = 3


class Finalize(Enum):
    """The wish to have the utterance under way as a final result."""

    NOW = 1


FINALIZE: Final = Finalize.NOW
Input = bytes | Literal[Finalize.NOW]


@dataclass(frozen=True)
class ListenOptions:
    """How a stream behaves; times in seconds of sound, None for never.

    Attributes:
        audio_format: what its bytes mean.
        voice_activity: how utterances are found.
        separate: whether channels are kept apart.
        interim: whether utterances are heard while they last.
        events: whether the begin and end of speech are told.
        start_timeout: without speech from the start for so long, the stream ends.
        end_timeout: without speech after an utterance for so long, the stream ends.
        max_seconds: after so much sound the stream ends.
    """

    audio_format: AudioFormat
    voice_activity: VoiceActivity = field(default_factory=VoiceActivity)
    separate: bool = False
    interim: bool = False
    events: bool = False
    start_timeout: float | None = None
    end_timeout: float | None = None
    max_seconds: float | None = None


@dataclass(frozen=True)
class _End:
    error: Exception | None


_Entry = Happened | asyncio.Task[Finding[R]] | _End


class _EndedError(Exception):
    """The stream ends by itself."""


class Listener(Generic[R]):
    """One stream. `listen` is called once.

    Args:
        options: how it behaves.
        detector: tells speech from other sound.
        hearer: recognises utterances.
        work: where sound is decoded.
        places: counts recognitions; streams that share models share it.
    """

    def __init__(
        self,
        options: ListenOptions,
        detector: Detector,
        hearer: Hearer[R],
        work: BoundedExecutor,
        places: RecognitionPlaces | None = None,
    ) -> None:
        self._options = options
        self._detector = detector
        self._work = work
        self._decoder = StreamDecoder(options.audio_format, separate=options.separate)
        every = _INTERIM_EVERY if options.interim else None
        tags = [number + 1 if self._decoder.separate else 0 for number in range(self._decoder.tracks)]
        self._tracks = [Track(options.voice_activity, tag, every, hearer.context) for tag in tags]
        self._nothing: Samples = np.zeros((len(self._tracks), 0), np.int16)
        self._rest = self._nothing
        self._recognitions = Recognitions(hearer, places or RecognitionPlaces())
        self._entries: asyncio.Queue[_Entry[R]] = asyncio.Queue(_WINDOW)
        self._frames = 0
        self._deaf = False

    @property
    def seconds(self) -> float:
        """Length of the sound that was heard."""
        return self._frames * FRAME / SAMPLE_RATE

    async def listen(self, inputs: AsyncIterator[Input]) -> AsyncGenerator[Output[R], None]:
        """What is heard, in order, until the inputs end or the stream ends by itself.

        Args:
            inputs: bytes of sound in pieces of any size, and wishes. Closed at the end.

        Raises:
            SensoriumError: an input is wrong, or a model is away for too long; what was heard before comes first.
        """
        reader = asyncio.create_task(self._read(inputs))
        try:
            while not isinstance(entry := await self._entries.get(), _End):
                output = entry if isinstance(entry, Happened) else await finding_of(entry)
                if output is not None:
                    yield output
            if entry.error is not None:
                raise entry.error
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            await self._recognitions.stop()

    async def _read(self, inputs: AsyncIterator[Input]) -> None:
        failure: Exception | None = None
        try:
            try:
                async for item in inputs:
                    await self._take(item)
            except SensoriumError as error:
                failure = error
            finally:
                if isinstance(inputs, AsyncGenerator):
                    await inputs.aclose()
            await self._finish_sound()
        except _EndedError:
            pass
        except Exception as error:  # the reader of the results is to hear of it
            failure = failure or error
        await self._entries.put(_End(failure))

    async def _take(self, item: Input) -> None:
        if isinstance(item, Finalize):
            await self._hear(self._nothing, at_once=True)
            await self._finish_utterances()
            return
        audio_format = self._options.audio_format
        size = audio_format.frame_bytes * int(audio_format.rate * _PIECE_SECONDS)
        for start in range(0, len(item), size):
            await self._hear(await self._decode(item[start : start + size]))

    async def _decode(self, piece: bytes) -> Samples:
        if len(piece) <= _LIGHT_BYTES:
            await asyncio.sleep(0)  # many at once leave the others their turn
            return self._work.run_here(Stage.DECODE, self._decoder.feed, piece)
        return await self._work.run(Stage.DECODE, self._decoder.feed, piece)

    async def _finish_sound(self) -> None:
        if not self._deaf:
            last = await self._work.run(Stage.DECODE, self._decoder.finish)
            filled = -(self._rest.shape[1] + last.shape[1]) % FRAME  # silence fills the last frame
            await self._hear(np.pad(last, ((0, 0), (0, filled))), at_once=True)
        await self._finish_utterances()

    async def _finish_utterances(self) -> None:
        for track in self._tracks:
            utterance = track.finish()
            if utterance is not None:
                await self._recognise(track, utterance)

    async def _hear(self, samples: Samples, *, at_once: bool = False) -> None:
        if not at_once and self._rest.shape[1] + samples.shape[1] < _LEAST_FRAMES * FRAME:
            self._rest = np.concatenate([self._rest, samples], axis=1)
            return
        frames, self._rest = split_frames(self._rest, samples)
        if self._options.max_seconds is not None:
            frames = frames[:, : round(self._options.max_seconds * SAMPLE_RATE / FRAME) - self._frames]
        if not frames.shape[1]:
            return
        likelihoods = await self._likelihoods(frames)
        for number in range(frames.shape[1]):
            self._frames += 1
            for track, heard, likelihood in zip(self._tracks, frames[:, number], likelihoods[:, number], strict=True):
                await self._hear_frame(track, heard, float(likelihood))
            await self._check_timeouts()
        for track in self._tracks:
            self._hear_early(track)
            self._hear_again(track)

    async def _likelihoods(self, frames: Samples) -> Floats:
        try:
            return await patiently(lambda: self._detector.likelihoods(frames))
        except Exception:
            self._deaf = True
            raise

    async def _hear_frame(self, track: Track, frame: Samples, likelihood: float) -> None:
        for event in track.hear(frame, likelihood):
            if isinstance(event, Utterance):
                await self._recognise(track, event)
            elif self._options.events and not event.resumed:
                await self._entries.put(Happened(Happening.BEGIN, event.begin / SAMPLE_RATE, track.tag))

    async def _recognise(self, track: Track, utterance: Utterance) -> None:
        task = self._recognitions.final(track.piece(utterance), track.index)
        track.index += 1
        if self._options.events and not utterance.cut:
            await self._entries.put(Happened(Happening.END, utterance.end / SAMPLE_RATE, track.tag))
        await self._entries.put(task)

    def _hear_early(self, track: Track) -> None:
        """Recognises an utterance while its pause lasts, so that its result is there when the pause is long enough."""
        utterance = track.ending
        if utterance is None:
            self._recognitions.resume(track.tag)
        elif not self._recognitions.has_begun(track.tag, utterance):
            self._recognitions.early(track.piece(utterance), track.index)

    def _hear_again(self, track: Track) -> None:
        if self._entries.full() or not self._recognitions.has_interim_place(track.tag):
            return
        utterance = track.interim()
        if utterance is not None:
            self._entries.put_nowait(self._recognitions.interim(track.piece(utterance), track.index))

    async def _check_timeouts(self) -> None:
        options = self._options
        if options.max_seconds is not None and self._frames >= round(options.max_seconds * SAMPLE_RATE / FRAME):
            await self._finish_utterances()
            await self._time_out(Happening.DURATION_TIMEOUT)
        spoken = any(track.spoken for track in self._tracks)
        limit = options.end_timeout if spoken else options.start_timeout
        if limit is not None and min(track.quiet for track in self._tracks) >= limit:
            await self._time_out(Happening.SILENCE_TIMEOUT)

    async def _time_out(self, what: Happening) -> None:
        await self._entries.put(Happened(what, self.seconds))
        raise _EndedError
