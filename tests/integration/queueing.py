"""A model of a real Triton that is kept busy, so that requests wait in its queue, and what becomes of them."""

from __future__ import annotations

import asyncio
import re
import threading
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
TEXTS = Work("use_multilingual", {"input_ids": np.ones((64, 64), np.int32)}, "embedding")
UTTERANCES = Work(
    "moonshine_tiny_en",
    {
        "pcm": np.random.default_rng(1).integers(-3000, 3000, (16, 32_000)).astype(np.int16),
        "lengths": np.full((16, 1), 32_000, np.int32),
    },
    "scores",
)
# One is computed and one waits: each is as large as a batch may be, so nobody joins it.
_AT_A_TIME = 2
_AHEAD = 1  # the level of canaries: what callers ask for waits behind


@dataclass
class Occupation:
    """Requests that keep a model busy.

    Attributes:
        requests: how many have been sent so far.
        ended: set when the last has its answer.
    """

    work: Work
    requests: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def samples(self) -> int:
        """Samples in all of them."""
        return self.requests * self.work.samples


@contextmanager
def occupied(stack: Stack, work: Work) -> Iterator[Occupation]:
    """Keeps a model busy until the block ends, so that nothing is computed for callers; then waits until it is free."""
    occupation, over = Occupation(work), threading.Event()

    def run() -> None:
        try:
            asyncio.run(_keep_busy(stack, occupation, over))
        finally:
            occupation.ended.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        until(lambda: pending(stack, work.model) > 0, 20)
        yield occupation
    finally:
        over.set()
        thread.join()
    until(lambda: pending(stack, work.model) == 0, 20)


async def _keep_busy(stack: Stack, occupation: Occupation, over: threading.Event) -> None:
    work = occupation.work
    async with TritonClient(stack.triton_address) as triton:

        async def ask() -> None:
            while not over.is_set():
                occupation.requests += 1
                await triton.infer(work.model, work.tensors, [work.output], timeout=60, priority=_AHEAD)

        await asyncio.gather(*(ask() for _ in range(_AT_A_TIME)))


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
