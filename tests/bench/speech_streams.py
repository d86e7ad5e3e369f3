"""Streams of real speech at the speed of speech, and when their results come."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.speech.v1.speech_service_pb2_grpc import SpeechServiceStub
from sensorium.type.v1 import audio_pb2

RATE, CHUNK_SECONDS = 16_000, 0.1
CHUNK = round(RATE * CHUNK_SECONDS)
# An utterance ends when a pause of 0.4 s has been heard; 0.2 s of it belong to the utterance.
DECIDED_AFTER = 0.2
FORMAT = audio_pb2.AudioFormat(encoding=audio_pb2.AUDIO_ENCODING_LINEAR16, sample_rate_hertz=RATE)


@dataclass
class Played:
    """What was seen of one stream; times in seconds.

    Attributes:
        text: of its final results.
        interim: results while utterances last.
        after_event: from the event that speech has ended to the final result.
        after_sound: from the chunk of sound that decides the end to the final result.
        behind: the end of the sound to the end of the stream.
        steps: between interim results of one utterance, by the clock.
    """

    text: list[str] = field(default_factory=list)
    interim: int = 0
    after_event: list[float] = field(default_factory=list)
    after_sound: list[float] = field(default_factory=list)
    behind: float = 0.0
    interim_age: list[float] = field(default_factory=list)


async def play(stub: SpeechServiceStub, sound: NDArray[np.int16], *, speed: float = 1.0) -> Played:
    """Plays sound into a stream with interim results and events."""
    sent: list[float] = []  # when each chunk was sent
    features = pb.StreamingRecognitionFeatures(interim_results=True, enable_voice_activity_events=True)
    config = pb.StreamingRecognitionConfig(audio_format=FORMAT, streaming_features=features)

    async def messages() -> AsyncIterator[pb.StreamingRecognizeRequest]:
        yield pb.StreamingRecognizeRequest(config=config)
        start = time.monotonic()
        for number, begin in enumerate(range(0, len(sound), CHUNK)):
            # A chunk can be sent when its last sample has been spoken.
            await asyncio.sleep(max(0.0, start + (number + 1) * CHUNK_SECONDS / speed - time.monotonic()))
            sent.append(time.monotonic())
            yield pb.StreamingRecognizeRequest(audio=sound[begin : begin + CHUNK].tobytes())

    def sent_at(seconds: float) -> float:
        return sent[min(len(sent) - 1, int(seconds / CHUNK_SECONDS))]

    played, ended = Played(), 0.0
    async for response in stub.StreamingRecognize(messages()):  # type: ignore[attr-defined,arg-type]  # it is aio's
        now = time.monotonic()
        if response.event.type == pb.SPEECH_EVENT_TYPE_SPEECH_ACTIVITY_END:
            ended = now
        elif response.HasField("result") and not response.result.is_final:
            played.interim += 1
            played.interim_age.append(now - sent_at(response.result.end_offset.ToMicroseconds() / 1e6))
        elif response.HasField("result"):
            played.text += [one.transcript for one in response.result.alternatives[:1]]
            played.after_event.append(now - ended)
            decided = response.result.end_offset.ToMicroseconds() / 1e6 + DECIDED_AFTER
            played.after_sound.append(now - sent_at(decided))
    played.behind = time.monotonic() - sent[-1]
    return played
