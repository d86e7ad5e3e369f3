"""What one identity at full load does to another's waiting time: quiet alone, and beside the hog, turn and turn about.

    PYTHONPATH=tests python tests/bench/fairness.py [ROUNDS] [KIND]

Runs a Triton and a vision service of its own with two API keys. The quiet caller classifies one picture after another;
the hog, another process, keeps 64 calls under way. KIND is `fair`, the default, or `one-key`: both callers then are one
identity, which shows what happens without fairness. Fails when the quiet caller's 99th percentile beside the hog is
more than twice what it is alone.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import sys
import tempfile
import time
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import grpc

from bench.processes import busyness
from integration.secured import running_triton, running_vision
from sensorium.type.v1.image_pb2 import Image
from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium.vision.v1 import vision_service_pb2_grpc
from sensorium_client.stack import pictures
from sensorium_core.security.keys import KeyFile

MODEL = "efficientnet_lite0"
HOG_CALLS = 64
QUIET_CALLS = 60
WARM_UP = 20
PERCENTS = (50, 90, 99)
MOST = 2.0
POLICY = '[[allow]]\nidentities = ["*"]\nmethods = ["*"]\nmodels = ["*"]\n'


def request() -> pb.ClassifyRequest:
    """A photograph as cameras send it."""
    return pb.ClassifyRequest(image=Image(encoded=pictures.encode(pictures.photograph("coffee"), ".jpg")))


def hog(
    address: str, key: str, go: Event, stop: Event, answered: multiprocessing.sharedctypes.Synchronized[int]
) -> None:
    """Keeps calls under way while `go` is set."""

    async def call(stub: Any) -> None:
        asked = request()
        while not stop.is_set():
            if not go.is_set():
                await asyncio.sleep(0.01)
                continue
            try:
                await stub.Classify(asked, metadata=(("x-api-key", key),), timeout=60)
            except grpc.aio.AioRpcError:
                await asyncio.sleep(0.05)
            else:
                answered.value += 1

    async def run() -> None:
        async with grpc.aio.insecure_channel(address) as channel:
            stub: Any = vision_service_pb2_grpc.VisionServiceStub(channel)
            await asyncio.gather(*(call(stub) for _ in range(HOG_CALLS)))

    asyncio.run(run())


def quiet(stub: vision_service_pb2_grpc.VisionServiceStub, key: str, calls: int) -> list[float]:
    """Milliseconds of one call after the other."""
    asked, taken = request(), []
    for _ in range(calls):
        start = time.perf_counter()
        stub.Classify(asked, metadata=(("x-api-key", key),), timeout=60)
        taken.append((time.perf_counter() - start) * 1e3)
    return taken


def measure(address: str, keys: tuple[str, str], rounds: int) -> bool:
    """Prints the table; says whether the quiet caller keeps its own."""
    go, stop = multiprocessing.Event(), multiprocessing.Event()
    answered = multiprocessing.Value("q", 0)
    process = multiprocessing.Process(target=hog, args=(address, keys[1], go, stop, answered))
    process.start()
    alone: list[float] = []
    beside: list[float] = []
    rates: list[float] = []
    with grpc.insecure_channel(address) as channel:
        stub = vision_service_pb2_grpc.VisionServiceStub(channel)
        quiet(stub, keys[0], WARM_UP)
        for _ in range(rounds):
            alone += quiet(stub, keys[0], QUIET_CALLS)
            go.set()
            quiet(stub, keys[0], WARM_UP)  # the hog gets going, and its first backlog drains
            before, start = answered.value, time.perf_counter()
            beside += quiet(stub, keys[0], QUIET_CALLS)
            rates.append((answered.value - before) / (time.perf_counter() - start))
            go.clear()
            time.sleep(1)
    stop.set()
    process.join()
    for name, taken in (("alone", alone), ("beside the hog", beside)):
        shown = "   ".join(f"p{percent} {percentile(taken, percent):6.1f} ms" for percent in PERCENTS)
        sys.stdout.write(f"quiet caller {name:15s} {shown}   {len(taken)} calls\n")
    ratios = (percentile(beside, percent) / percentile(alone, percent) for percent in PERCENTS)
    shown = "   ".join(f"p{percent} {ratio:6.2f}" for percent, ratio in zip(PERCENTS, ratios, strict=True))
    sys.stdout.write(f"beside / alone               {shown}; the hog had {statistics.median(rates):.0f} answers/s\n")
    kept = percentile(beside, 99) <= MOST * percentile(alone, 99)
    sys.stdout.write(f"{'within' if kept else 'OVER'} {MOST:g} times the quiet 99th percentile {busyness()}\n")
    return kept


def percentile(values: list[float], percent: int) -> float:
    """The value below which so many of 100 lie."""
    return statistics.quantiles(values, n=100)[percent - 1]


def main() -> int:
    """Runs everything, and says by the exit code whether it is fair."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    kind = sys.argv[2] if len(sys.argv) > 2 else "fair"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "policy.toml").write_text(POLICY)
        made = KeyFile(folder / "keys.sqlite")
        keys = made.create("quiet"), made.create("hog" if kind == "fair" else "quiet")
        settings = {"POLICY": folder / "policy.toml", "API_KEYS": folder / "keys.sqlite", "LOG_LEVEL": "warning"}
        with (
            running_triton(folder, MODEL) as triton,
            running_vision(folder, TRITON_ADDRESS=triton.address, **settings) as address,
        ):
            return 0 if measure(address, keys, rounds) else 1


if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    sys.exit(main())
