"""One channel of a stream: where speech is in it, and the sound that may still be needed."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from sensorium_speech.domain import SAMPLE_RATE, Floats, Piece, Samples, Utterance, VoiceActivity
from sensorium_speech.listening._buffer import SampleBuffer
from sensorium_speech.vad import FRAME, Endpointer, Event


class Detector(Protocol):
    """Tells how likely speech is in the frames of some tracks that run in parallel; it remembers what it heard."""

    async def likelihoods(self, frames: Samples) -> Floats:
        """How likely speech is, `float32[T,F]`, in `int16[T,F,512]`.

        Raises:
            SensoriumError: the model does not answer; the frames count as not heard.
        """
        ...


class Track:
    """Takes sound and the likelihood of speech in it, gives utterances.

    Args:
        options: how they are found.
        tag: the channel's number.
        interim_every: seconds of an utterance after which it is heard again; None for never.
        context: samples before an utterance that are kept for it.
    """

    def __init__(self, options: VoiceActivity, tag: int, interim_every: float | None, context: int) -> None:
        self.tag = tag
        self._context = context
        self.index = 0  # of the utterance under way, or of the next
        self.buffer = SampleBuffer()
        self.endpointer = Endpointer(options)
        self._interim_step = None if interim_every is None else round(interim_every * SAMPLE_RATE)
        self._next_interim = 0
        self._quiet_since = 0
        self.spoken = False

    def hear(self, frame: Samples, likelihood: float) -> Iterator[Event]:
        """What the next frame, `int16[512]`, changes. Each event is to be dealt with before the next is asked for."""
        self.buffer.append(frame)
        for event in self.endpointer.push(likelihood):
            self._note(event)
            yield event
        self.buffer.drop(self.endpointer.earliest - self._context)

    def piece(self, utterance: Utterance) -> Piece:
        """An utterance with its sound."""
        begin, end = utterance.begin, utterance.end
        before = self.buffer.cut(max(self.buffer.start, begin - self._context), begin)
        return Piece(utterance, self.buffer.cut(begin, end), self.tag, before)

    def finish(self) -> Utterance | None:
        """Ends the utterance under way here."""
        utterance = self.endpointer.finish()
        if utterance is not None:
            self._note(utterance)
        return utterance

    def interim(self) -> Utterance | None:
        """The utterance under way, when it is time to hear it again."""
        begin = self.endpointer.begin
        if self._interim_step is None or begin is None or self.buffer.end < self._next_interim:
            return None
        steps = (self.buffer.end - begin) // self._interim_step
        self._next_interim = begin + (steps + 1) * self._interim_step
        return Utterance(begin, self.buffer.end, 0.0)

    @property
    def quiet(self) -> float:
        """Seconds without speech until now."""
        return 0.0 if self.endpointer.begin is not None else (self.buffer.end - self._quiet_since) / SAMPLE_RATE

    def _note(self, event: Event) -> None:
        self.spoken = True
        if isinstance(event, Utterance):
            self._quiet_since = event.end
        elif self._interim_step is not None:
            self._next_interim = event.begin + self._interim_step


def split_frames(rest: Samples, samples: Samples) -> tuple[Samples, Samples]:
    """Whole frames `int16[T,F,512]` of what was left over and what came, and what is left over now, `int16[T,N]`."""
    joined = np.concatenate([rest, samples], axis=1)
    count = joined.shape[1] // FRAME
    frames = joined[:, : count * FRAME].reshape(len(joined), count, FRAME)
    return frames, joined[:, count * FRAME :].copy()
