"""From the likelihood of speech, frame by frame, to utterances. Pure: no model, no clock, no sound.

Onset and hangover with hysteresis, as in classic endpointing (Rabiner and Sambur 1975) and in Silero's own tools. What
is remembered is bounded by the longest utterance.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from sensorium_speech.domain import SAMPLE_RATE, Utterance, VoiceActivity

# Samples of a frame: what the voice activity model hears at once, 32 ms.
FRAME = 512
_HYSTERESIS = 0.15
# An utterance that is too long is cut in its last third, where speech is least likely over frames of these weights.
_CUT_WEIGHTS = np.array([1, 2, 3, 2, 1]) / 9


@dataclass(frozen=True)
class Began:
    """Speech begins, at a sample. `resumed`: it never paused; the utterance before was cut."""

    begin: int
    resumed: bool = False


Event = Began | Utterance


class Endpointer:
    """Finds utterances in the likelihoods of one track."""

    def __init__(self, options: VoiceActivity) -> None:
        self._enter = options.threshold
        self._stay = max(options.threshold - _HYSTERESIS, 0.01)
        self._min_speech = max(1, _frames(options.min_speech))
        self._min_silence = max(1, _frames(options.min_silence))
        self._padding = _frames(options.padding)
        self._max_speech = options.max_speech * SAMPLE_RATE / FRAME
        self._now = 0  # frames heard
        self._floor = 0  # no utterance begins before this frame
        self._begin: int | None = None  # of the utterance under way, padding included
        self._run = 0  # likely frames in a row, while there is no speech
        self._pause = 0  # unlikely frames in a row, in speech
        # Likelihoods of the utterance under way from its first likely frame on, so that it can be cut.
        self._heard: deque[float] = deque(maxlen=math.ceil(self._max_speech) if math.isfinite(self._max_speech) else 0)
        self._sum, self._count = 0.0, 0  # of the same likelihoods
        self._pause_sum = 0.0  # of those in the pause

    @property
    def begin(self) -> int | None:
        """First sample of the utterance under way; None while there is no speech."""
        return None if self._begin is None else self._begin * FRAME

    @property
    def earliest(self) -> int:
        """The first sample that an utterance may still need."""
        if self._begin is not None:
            return self._begin * FRAME
        return max(self._floor, self._now - self._run - self._padding) * FRAME

    def push(self, likelihood: float) -> list[Event]:
        """Takes the next frame's likelihood of speech, 0 to 1, and says what it changes."""
        self._now += 1
        if self._begin is None:
            return self._listen(likelihood)
        self._hear(likelihood)
        self._pause, self._pause_sum = (
            (0, 0.0) if likelihood >= self._stay else (self._pause + 1, self._pause_sum + likelihood)
        )
        if self._pause >= self._min_silence:
            return [self._end(self._now - self._pause + min(self._padding, self._pause))]
        if self._now - self._begin >= self._max_speech:
            return self._cut()
        return []

    def finish(self) -> Utterance | None:
        """Ends the utterance under way here; None when there is none."""
        if self._begin is None:
            self._forget()
            return None
        return self._end(self._now - self._pause + min(self._padding, self._pause))

    def _listen(self, likelihood: float) -> list[Event]:
        self._run = self._run + 1 if likelihood >= (self._stay if self._run else self._enter) else 0
        if self._run == 0:
            self._forget()
            return []
        self._hear(likelihood)
        if self._run < self._min_speech:
            return []
        length = min(self._run + self._padding, self._max_speech)
        self._begin = max(self._floor, self._now - int(length))
        self._run = 0
        return [Began(self._begin * FRAME)]

    def _hear(self, likelihood: float) -> None:
        self._heard.append(likelihood)
        self._sum += likelihood
        self._count += 1

    def _end(self, end: int, *, cut: bool = False) -> Utterance:
        assert self._begin is not None
        confidence = (self._sum - self._pause_sum) / max(1, self._count - self._pause)
        utterance = Utterance(self._begin * FRAME, end * FRAME, confidence, cut)
        self._begin, self._floor = None, end
        self._forget()
        return utterance

    def _forget(self) -> None:
        self._run = self._pause = self._count = 0
        self._sum = self._pause_sum = 0.0
        self._heard.clear()

    def _cut(self) -> list[Event]:
        """Ends the utterance at its weakest point, and hears again what comes after that."""
        heard = np.array(self._heard)
        smooth = np.convolve(np.pad(heard, len(_CUT_WEIGHTS) // 2, mode="edge"), _CUT_WEIGHTS, mode="valid")
        first = 2 * len(heard) // 3
        kept = first + int(np.argmin(smooth[first:])) + 1
        later = heard[kept:].tolist()
        self._sum, self._count = float(heard[:kept].sum()), kept
        self._pause, self._pause_sum = 0, 0.0
        now, self._now = self._now, self._now - len(later)
        events: list[Event] = [self._end(self._now, cut=True)]
        if later and later[0] >= self._stay:
            self._begin = self._floor
            events.append(Began(self._begin * FRAME, resumed=True))
        for likelihood in later:
            events += self.push(likelihood)
        assert self._now == now
        return events


def segment(likelihoods: Iterable[float], options: VoiceActivity) -> Iterator[Utterance]:
    """The utterances of a whole track."""
    endpointer = Endpointer(options)
    for likelihood in likelihoods:
        for event in endpointer.push(likelihood):
            if isinstance(event, Utterance):
                yield event
    last = endpointer.finish()
    if last is not None:
        yield last


def _frames(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE / FRAME)
