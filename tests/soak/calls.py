"""What a soak does beside the calls of a plant: streams, sessions that are left, calls that are given up, bad input."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any

import grpc

from chaos.calls import Kind, WrongAnswerError, expect
from integration import recordings
from sensorium.type.v1 import image_pb2
from sensorium.vision.v1 import vision_service_pb2, vision_service_pb2_grpc
from sensorium_client import (
    AudioFormat,
    ClassifyOptions,
    DeadlineExceededError,
    DetectLanguageOptions,
    PhraseSet,
    SensoriumError,
    SpeechClient,
    TextClient,
    VisionClient,
)
from sensorium_client.stack import pictures, texts

_FORMAT = AudioFormat(16_000)


def soak_calls(vision_address: str) -> list[Kind]:
    """The calls; of all of them the outcome is known."""
    coffee = pictures.encode(pictures.photograph("coffee"))
    label = pictures.encode(pictures.part_label())
    sound = recordings.pcm("beckett")
    chunks = [sound[start : start + 1600] for start in range(0, len(sound), 1600)]
    numbers = itertools.count()

    def speech_stream(client: SpeechClient, deadline: float) -> None:
        said = [each.result.transcript for each in client.stream(chunks, _FORMAT, deadline=deadline) if each.result]
        expect(recordings.words(" ".join(said)), recordings.words(recordings.BECKETT))

    def text_stream(client: TextClient, deadline: float) -> None:
        found = list(client.annotate_stream(texts.FAULTS * 8, [DetectLanguageOptions()], deadline=deadline))
        expect([each.error for each in found], [None] * len(texts.FAULTS) * 8)

    def left_streams(client: VisionClient, deadline: float) -> None:
        with closing(client.annotate_stream([coffee] * 50, [ClassifyOptions()], deadline=deadline)) as results:
            next(results)

    def left_speech(client: SpeechClient, deadline: float) -> None:
        def endless() -> Iterator[Any]:
            yield from itertools.islice(itertools.cycle(chunks), 40)

        with closing(client.stream(endless(), _FORMAT, deadline=deadline)) as results, suppress(StopIteration):
            next(results)

    def left_session(client: SpeechClient, deadline: float) -> None:
        session = client.open_session(_FORMAT, idle_timeout=5, deadline=deadline)
        session.push(chunks[0], deadline=deadline)  # and never closed: it has to expire

    def kept_and_removed(client: SpeechClient, deadline: float) -> None:
        made = client.create_phrase_set(PhraseSet(["open valve"]), f"soak-{next(numbers):06d}", deadline=deadline)
        client.delete_phrase_set(made.name, deadline=deadline)

    def codes(client: VisionClient, deadline: float) -> None:
        expect(len(client.read_codes(label, deadline=deadline).codes), 2)

    channel = grpc.insecure_channel(vision_address)
    stub: Any = vision_service_pb2_grpc.VisionServiceStub(channel)
    request = vision_service_pb2.ClassifyRequest(image=image_pb2.Image(encoded=coffee))

    def cancelled(client: VisionClient, deadline: float) -> None:
        calls = [stub.Classify.future(request, timeout=deadline) for _ in range(4)]
        for call in calls:
            call.cancel()

    def hurried(client: TextClient, deadline: float) -> None:
        with suppress(DeadlineExceededError):
            client.rank("pump", list(texts.FAULTS) * 16, deadline=0.005)

    return [
        Kind("speech StreamingRecognize", "speech", 0.5, speech_stream),
        Kind("text StreamAnnotateText", "text", 0.5, text_stream),
        Kind("vision stream, left", "vision", 0.3, left_streams),
        Kind("speech stream, left", "speech", 0.5, left_speech),
        Kind("speech session, left", "speech", 0.5, left_session),
        Kind("speech phrase set, removed", "speech", 0.3, kept_and_removed),
        Kind("vision ReadCodes", "vision", 0.5, codes),
        Kind("vision calls, cancelled", "vision", 0.2, cancelled),
        Kind("text calls without time", "text", 0.2, hurried),
        Kind(
            "bad picture", "vision", 0.2, _refused("IMAGE_CORRUPT", lambda c, d: c.classify(coffee[:2000], deadline=d))
        ),
        Kind(
            "no picture",
            "vision",
            0.2,
            _refused("IMAGE_FORMAT_UNSUPPORTED", lambda c, d: c.classify(b"?" * 500, deadline=d)),
        ),
        Kind(
            "bad recording",
            "speech",
            0.2,
            _refused("AUDIO_FORMAT_UNSUPPORTED", lambda c, d: c.recognize(b"?" * 500, deadline=d)),
        ),
        Kind(
            "unknown model",
            "text",
            0.2,
            _refused("MODEL_NOT_FOUND", lambda c, d: c.embed("pump", model="none", deadline=d)),
        ),
        Kind(
            "bad pattern",
            "text",
            0.2,
            _refused("PATTERN_INVALID", lambda c, d: c.extract_entities("pump", patterns={"p": "("}, deadline=d)),
        ),
    ]


def _refused(reason: str, call: Callable[[Any, float], Any]) -> Callable[[Any, float], None]:
    def refused(client: Any, deadline: float) -> None:
        try:
            call(client, deadline)
        except SensoriumError as error:
            if error.reason != reason:
                raise
            return
        raise WrongAnswerError("it was not refused")

    return refused
