"""A model of a real Triton that is kept busy, so that requests wait in its queue, and what becomes of them."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.request import urlopen

import numpy as np
import numpy.typing as npt

from integration.conftest import Stack
from integration.waiting import until
from sensorium_core.triton import TritonClient

Tensors = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Work:
    """A request that keeps a model busy for a while, by its tensors and the output that is asked for."""

    model: str
    tensors: Tensors
    output: str

    @property
    def samples(self) -> int:
        """Samples in it."""
        return len(next(iter(self.tensors.values())))


PICTURES = Work("efficientnet_lite0", {"image": np.zeros((32, 224, 224, 3), np.uint8)}, "probabilities")
TEXTS = Work("use_multilingual", {"input_ids": np.ones((32, 128), np.int32)}, "embedding")
UTTERANCES = Work(
    "moonshine_tiny_en",
    {
        "pcm": np.random.default_rng(1).integers(-3000, 3000, (8, 64_000)).astype(np.int16),
        "lengths": np.full((8, 1), 64_000, np.int32),
    },
    "scores",
)


@dataclass
class Occupation:
    """Requests that keep a model busy.

    Attributes:
        requests: how many.
        ended: set when the last has its answer.
    """

    work: Work
    requests: int
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def samples(self) -> int:
        """Samples in all of them."""
        return self.requests * self.work.samples


@contextmanager
def occupied(stack: Stack, work: Work, seconds: float = 2.5) -> Iterator[Occupation]:
    """Keeps a model busy for about so long; at the end of the block waits until it is free."""
    each = min(_seconds(stack, work) for _ in range(3))  # the first may have something to warm up
    occupation = Occupation(work, max(2, round(seconds / each)))

    def run() -> None:
        asyncio.run(_ask(stack, work, occupation.requests))
        occupation.ended.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        until(lambda: pending(stack, work.model) > 0, 20)
        yield occupation
    finally:
        thread.join()
    until(lambda: pending(stack, work.model) == 0, 20)


def _seconds(stack: Stack, work: Work) -> float:
    start = time.monotonic()
    asyncio.run(_ask(stack, work, 1))
    return time.monotonic() - start


async def _ask(stack: Stack, work: Work, requests: int) -> None:
    async with TritonClient(stack.triton_address) as triton:
        asked = (triton.infer(work.model, work.tensors, [work.output], timeout=60) for _ in range(requests))
        await asyncio.gather(*asked)


def pending(stack: Stack, model: str) -> float:
    """Requests in the model's queue."""
    return _metric(stack, "nv_inference_pending_request_count", model)


def dropped(stack: Stack, model: str) -> float:
    """Requests that have left the queue unexecuted, because their caller had gone or their time was up."""
    return sum(_metric(stack, "nv_inference_request_failure", model, reason) for reason in ("CANCELED", "REJECTED"))


def _metric(stack: Stack, name: str, model: str, reason: str = "") -> float:
    with urlopen(f"http://127.0.0.1:{stack.triton_metrics_port}/metrics", timeout=5) as reply:
        lines = reply.read().decode().splitlines()
    wanted = [f'model="{model}"', f'reason="{reason}"' if reason else ""]
    found = [line for line in lines if line.startswith(f"{name}{{") and all(each in line for each in wanted)]
    return sum(float(re.split(r"\s", line)[-1]) for line in found)
