"""Requests of different callers share executions, and the answers stay the same."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from integration.conftest import Stack
from sensorium.type.v1 import image_pb2
from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium.vision.v1.vision_service_pb2_grpc import VisionServiceStub
from sensorium_client.stack import pictures
from sensorium_core.triton import ModelCounters, TritonClient

pytestmark = pytest.mark.integration

PICTURES = [
    pictures.encode(pictures.photograph(name))
    for name in ("coffee", "chelsea", "rocket", "astronaut", "horse", "coins")
]


def counters(stack: Stack, model: str) -> ModelCounters:
    """Triton's own counters of a model."""

    async def ask() -> ModelCounters:
        async with TritonClient(stack.triton_address) as triton:
            return (await triton.statistics(5, model))[model]

    return asyncio.run(ask())


def during(stack: Stack, model: str, work: Callable[[], object]) -> ModelCounters:
    """What the work added to a model's counters."""
    before = counters(stack, model)
    work()
    return counters(stack, model).since(before)


def classify(vision: VisionServiceStub, picture: bytes) -> list[tuple[str, float]]:
    response = vision.Classify(pb.ClassifyRequest(image=image_pb2.Image(encoded=picture)))
    return [(label.name, label.score) for label in response.labels]


def test_concurrent_calls_are_batched_and_get_the_labels_of_single_ones(
    stack: Stack, vision: VisionServiceStub
) -> None:
    alone = {picture: classify(vision, picture) for picture in PICTURES}
    asked = [PICTURES[i % len(PICTURES)] for i in range(64)]
    answers: list[list[tuple[str, float]]] = []

    def ask_all_at_once() -> None:
        with ThreadPoolExecutor(64) as callers:
            answers.extend(callers.map(lambda picture: classify(vision, picture), asked))

    added = during(stack, "efficientnet_lite0", ask_all_at_once)
    assert added.inference_count >= 64
    assert added.execution_count < 64
    assert max(added.batches) > 1
    for picture, answer in zip(asked, answers, strict=True):
        assert [name for name, _ in answer] == [name for name, _ in alone[picture]]
        assert [score for _, score in answer] == pytest.approx([score for _, score in alone[picture]], abs=1e-4)


def test_lines_of_different_callers_share_an_execution(stack: Stack, vision: VisionServiceStub) -> None:
    plate = pictures.encode(pictures.nameplate())
    request = pb.ReadTextRequest(image=image_pb2.Image(encoded=plate))

    def ask_all_at_once() -> None:
        with ThreadPoolExecutor(12) as callers:
            list(callers.map(vision.ReadText, [request] * 12))

    alone = during(stack, "ppocrv6_text_recognition", lambda: vision.ReadText(request))
    together = during(stack, "ppocrv6_text_recognition", ask_all_at_once)
    assert together.inference_count >= 12 * len(pictures.MOTOR_LINES)
    assert together.execution_count < 12 * alone.execution_count
    assert max(together.batches) > max(alone.batches)


def test_a_request_that_comes_while_the_model_is_busy_is_begun_when_it_is_free(stack: Stack) -> None:
    picture = {"image": np.zeros((1, 224, 224, 3), np.uint8)}

    async def ask(triton: TritonClient, delay: float) -> float:
        await asyncio.sleep(delay)  # so that the second request comes in the midst of the first
        start = time.monotonic()
        await triton.infer("efficientnet_lite0", picture, ["probabilities"], timeout=20)
        return time.monotonic() - start

    async def ask_in_pairs() -> list[float]:
        async with TritonClient(stack.triton_address) as triton:
            pairs = [await asyncio.gather(ask(triton, 0), ask(triton, 0.003)) for _ in range(40)]
        return [second for _, second in pairs]

    # Triton's batcher looks at its queue every half second even when nobody wakes it. Without being woken about a third
    # of the requests wait for that.
    slept = [seconds for seconds in asyncio.run(ask_in_pairs()) if seconds > 0.45]
    assert len(slept) < 5
