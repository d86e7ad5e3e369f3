"""A detector and a recogniser that need no model: loud is speech, and what is said is how long it is."""

import asyncio
from collections.abc import AsyncIterator, Iterable

import numpy as np

from sensorium_core.errors import SensoriumError
from sensorium_speech.domain import AudioFormat, Encoding, Floats, Piece, Samples
from sensorium_speech.listening import Input

FORMAT = AudioFormat(Encoding.LINEAR16, 16_000)


class Loudness:
    """Says that loud frames are speech."""

    def __init__(self, *failures: SensoriumError) -> None:
        self.failures = list(failures)
        self.frames = 0

    async def likelihoods(self, frames: Samples) -> Floats:
        if self.failures:
            raise self.failures.pop(0)
        self.frames += frames.shape[1]
        return np.where(np.abs(frames.astype(np.int32)).max(axis=2) > 1000, 0.9, 0.0).astype(np.float32)


class Measure:
    """Says how many tenths of a second an utterance has; a test holds it by clearing `go`."""

    def __init__(self, *failures: Exception, context: int = 0) -> None:
        self.context = context
        self.before: list[int] = []
        self.failures = list(failures)
        self.go = asyncio.Event()
        self.go.set()
        self.started = 0
        self.running = 0
        self.most_running = 0

    async def hear(self, piece: Piece, *, final: bool) -> int:
        assert len(piece.samples) == piece.utterance.end - piece.utterance.begin
        self.before.append(len(piece.before))
        self.started += 1
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await self.go.wait()
            if self.failures:
                raise self.failures.pop(0)
            return round(len(piece.samples) / 1600)
        finally:
            self.running -= 1


def loud(seconds: float) -> bytes:
    return np.full(round(seconds * 16_000), 8000, "<i2").tobytes()


def quiet(seconds: float) -> bytes:
    return bytes(2 * round(seconds * 16_000))


async def stream(*items: Input) -> AsyncIterator[Input]:
    for item in items:
        yield item


def chunks(data: bytes, size: int = 3200) -> Iterable[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))
