"""A caller that goes, or whose time is up, frees its place everywhere, and what it waited for is not computed.

Each test keeps a model busy, lets calls wait for it, ends them in one way or another, and holds what the model has
computed, by Triton's own counters, against what was left to compute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import grpc
import pytest

from integration import recordings
from integration.conftest import Stack
from integration.observing import in_flight, metric
from integration.queueing import PICTURES, TEXTS, UTTERANCES, Occupation, Work, dropped, occupied, pending
from integration.test_batching import counters
from integration.waiting import until
from sensorium.speech.v1 import speech_service_pb2, speech_service_pb2_grpc
from sensorium.text.v1 import text_service_pb2, text_service_pb2_grpc
from sensorium.type.v1 import audio_pb2, image_pb2
from sensorium.vision.v1 import vision_service_pb2, vision_service_pb2_grpc
from sensorium_client.stack import pictures

pytestmark = pytest.mark.integration

CALLS = 24
# Canaries of service and watchdog, which go ahead of what waits.
CANARIES = 10
Call = Callable[..., Any]

COFFEE = image_pb2.Image(encoded=pictures.encode(pictures.photograph("coffee"), ".jpg"))
FORMAT = audio_pb2.AudioFormat(encoding=audio_pb2.AUDIO_ENCODING_LINEAR16, sample_rate_hertz=16_000)
BECKETT = recordings.pcm("beckett")[: 16_000 * 4]


@contextmanager
def classifying(stack: Stack) -> Iterator[Call]:
    with stack.channel("vision") as channel:
        stub = vision_service_pb2_grpc.VisionServiceStub(channel)
        yield partial(stub.Classify.future, vision_service_pb2.ClassifyRequest(image=COFFEE))


@contextmanager
def embedding(stack: Stack) -> Iterator[Call]:
    with stack.channel("text") as channel:
        stub = text_service_pb2_grpc.TextServiceStub(channel)
        yield partial(stub.Embed.future, text_service_pb2.EmbedRequest(texts=["The pump leaks oil."]))


@contextmanager
def recognizing(stack: Stack) -> Iterator[Call]:
    with stack.channel("speech") as channel:
        stub = speech_service_pb2_grpc.SpeechServiceStub(channel)
        raw = audio_pb2.RawAudio(format=FORMAT, content=BECKETT.tobytes())
        yield partial(stub.Recognize.future, speech_service_pb2.RecognizeRequest(audio=audio_pb2.Audio(raw=raw)))


UNARY = {
    "vision": (PICTURES, classifying),
    "text": (TEXTS, embedding),
    "speech": (UTTERANCES, recognizing),
}


def computed(stack: Stack, occupation: Occupation, before: int) -> int:
    """Samples that the model has computed besides those that kept it busy."""
    return counters(stack, occupation.work.model).inference_count - before - occupation.samples


@contextmanager
def busy(stack: Stack, work: Work) -> Iterator[Occupation]:
    """Keeps a model busy; at the end nothing may have been computed for callers."""
    with occupied(stack, work) as occupation:
        before = counters(stack, work.model).inference_count
        yield occupation
    # What was computed before the counting began is missing in the difference, which only makes it smaller.
    assert computed(stack, occupation, before) <= CANARIES < CALLS


def freed(stack: Stack, service: str, occupation: Occupation) -> None:
    """Returns when the service holds nothing for anybody, which must be while the model is still busy."""
    gauges = ("sensorium_in_flight_requests", "sensorium_in_flight_bytes", "sensorium_waiting_requests")
    until(lambda: not any(metric(stack, service, name) for name in gauges), 10)
    until(lambda: not metric(stack, service, "sensorium_executor_depth"), 10)
    assert not occupation.ended.is_set()


@pytest.mark.parametrize("service", UNARY)
def test_calls_that_wait_in_tritons_queue_are_dropped_from_it(stack: Stack, service: str) -> None:
    work, calling = UNARY[service]
    gone = dropped(stack, work.model)
    with calling(stack) as call, busy(stack, work) as occupation:
        leaving = [call(timeout=60) for _ in range(CALLS // 2)]
        late = [call(timeout=0.7) for _ in range(CALLS // 2)]
        until(lambda: in_flight(stack, service) >= CALLS // 2, 10)
        until(lambda: pending(stack, work.model) > 0, 10)
        for each in leaving:
            each.cancel()
        ends = {each.code() for each in late}  # waits for them
        assert grpc.StatusCode.DEADLINE_EXCEEDED in ends
        assert ends <= {grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.RESOURCE_EXHAUSTED}  # refused as too late
        freed(stack, service, occupation)
    assert dropped(stack, work.model) > gone


def frames() -> Iterator[vision_service_pb2.StreamAnnotateRequest]:
    options = vision_service_pb2.AnnotateOptions(classify=vision_service_pb2.ClassifyOptions(top_k=1))
    yield vision_service_pb2.StreamAnnotateRequest(config=vision_service_pb2.StreamAnnotateConfig(options=options))
    for _ in range(CALLS):
        yield vision_service_pb2.StreamAnnotateRequest(frame=vision_service_pb2.StreamFrame(image=COFFEE))


def items() -> Iterator[text_service_pb2.StreamAnnotateTextRequest]:
    options = text_service_pb2.AnnotateTextOptions(embed=text_service_pb2.EmbedOptions())
    config = text_service_pb2.StreamAnnotateTextConfig(options=options)
    yield text_service_pb2.StreamAnnotateTextRequest(config=config)
    for number in range(CALLS):
        item = text_service_pb2.StreamTextItem(text=f"Pump {number} leaks oil.")
        yield text_service_pb2.StreamAnnotateTextRequest(item=item)


def sound() -> Iterator[speech_service_pb2.StreamingRecognizeRequest]:
    config = speech_service_pb2.StreamingRecognitionConfig(audio_format=FORMAT)
    yield speech_service_pb2.StreamingRecognizeRequest(config=config)
    data = (BECKETT.tobytes() + bytes(32_000)) * 3
    for start in range(0, len(data), 6400):
        yield speech_service_pb2.StreamingRecognizeRequest(audio=data[start : start + 6400])


@pytest.mark.parametrize("service", UNARY)
def test_what_a_stream_has_under_way_goes_with_it(stack: Stack, service: str) -> None:
    work, _ = UNARY[service]
    with stack.channel(service) as channel, busy(stack, work) as occupation:
        own = pending(stack, work.model)
        streams: dict[str, Callable[[], Any]] = {
            "vision": lambda: vision_service_pb2_grpc.VisionServiceStub(channel).StreamAnnotate(frames()),
            "text": lambda: text_service_pb2_grpc.TextServiceStub(channel).StreamAnnotateText(items()),
            "speech": lambda: speech_service_pb2_grpc.SpeechServiceStub(channel).StreamingRecognize(sound()),
        }
        stream = streams[service]()
        until(lambda: in_flight(stack, service) > 0 or pending(stack, work.model) > own, 10)
        stream.cancel()
        freed(stack, service, occupation)


def test_what_waits_in_the_services_own_batcher_never_reaches_triton(stack: Stack) -> None:
    with embedding(stack) as call, busy(stack, TEXTS) as occupation:
        # One request of the batcher is under way at a time, and waits in Triton; what comes later stays here.
        calls = [call(timeout=60) for _ in range(CALLS)]
        until(lambda: in_flight(stack, "text") == CALLS, 10)
        requests = counters(stack, TEXTS.model)
        for each in calls:
            each.cancel()
        freed(stack, "text", occupation)
        left = pending(stack, TEXTS.model)
    since = counters(stack, TEXTS.model).since(requests)
    assert since.success_count <= occupation.requests + CANARIES
    assert left <= occupation.requests + 1 + CANARIES


def test_a_batch_goes_on_for_those_of_its_callers_who_stay(stack: Stack) -> None:
    with embedding(stack) as call:
        alone = call(timeout=60).result().embeddings
        with occupied(stack, TEXTS) as occupation:
            calls = [call(timeout=60) for _ in range(CALLS)]
            until(lambda: in_flight(stack, "text") == CALLS, 10)
            staying, leaving = calls[::2], calls[1::2]
            for each in leaving:
                each.cancel()
            until(lambda: in_flight(stack, "text") == len(staying), 10)
            assert not occupation.ended.is_set()
        for each in staying:
            found = each.result().embeddings
            assert list(found[0].values) == pytest.approx(list(alone[0].values), abs=1e-4)
