"""How much faster a stream is than unary calls, and what memory a long one takes: `make bench-text`.

Both carry the same lines to the same service with the same number under way. Rounds alternate, so that what else the
machine does hits both; the ratio is that of medians, with the smallest and largest of the rounds.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import grpc

from integration.conftest import Stack, running_stack
from integration.observing import resident_bytes
from sensorium.text.v1 import text_service_pb2 as pb
from sensorium.text.v1.text_service_pb2_grpc import TextServiceStub

ROUNDS, LINES, UNDER_WAY = 5, 2_000, 64
LONG, STEP = 100_000, 10_000
MEBIBYTE = 1024 * 1024
FEATURES = {
    "language": pb.AnnotateTextOptions(detect_language=pb.DetectLanguageOptions(top_k=1)),
    "classes": pb.AnnotateTextOptions(classify=pb.ClassifyOptions(top_k=1)),
    "embedding": pb.AnnotateTextOptions(embed=pb.EmbedOptions()),
}


def line(number: int) -> str:
    """A short line of a log."""
    return f"{number} L/H BUCKET CYL LEAKING"


async def by_stream(stub: TextServiceStub, options: pb.AnnotateTextOptions, count: int) -> AsyncIterator[int]:
    """Sends lines through one stream; gives the number of answers so far after each."""

    async def messages() -> AsyncIterator[pb.StreamAnnotateTextRequest]:
        config = pb.StreamAnnotateTextConfig(options=options, max_in_flight=UNDER_WAY)
        yield pb.StreamAnnotateTextRequest(config=config)
        for number in range(count):
            yield pb.StreamAnnotateTextRequest(item=pb.StreamTextItem(text=line(number)))

    done = 0
    async for response in stub.StreamAnnotateText(messages()):  # type: ignore[attr-defined,arg-type]  # it is aio's
        assert response.status.code == 0, response.status
        done += 1
        yield done


async def by_calls(stub: TextServiceStub, options: pb.AnnotateTextOptions, count: int) -> None:
    """Sends lines as unary calls, so many at a time."""
    places = asyncio.Semaphore(UNDER_WAY)

    async def call(number: int) -> None:
        async with places:
            await stub.AnnotateText(pb.AnnotateTextRequest(text=line(number), options=options))  # type: ignore[misc]  # as above

    await asyncio.gather(*(call(number) for number in range(count)))


async def rates(stub: TextServiceStub, options: pb.AnnotateTextOptions) -> tuple[list[float], list[float]]:
    """Lines a second of each round, of streams and of calls."""
    streams, calls = [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        async for _ in by_stream(stub, options, LINES):
            pass
        streams.append(LINES / (time.perf_counter() - start))
        start = time.perf_counter()
        await by_calls(stub, options, LINES)
        calls.append(LINES / (time.perf_counter() - start))
    return streams, calls


async def main(stack: Stack) -> bool:
    """Prints the table; whether streams are ahead everywhere and memory stayed flat."""
    well = True
    async with grpc.aio.insecure_channel(stack.address("text")) as channel:
        stub = TextServiceStub(channel)
        print(
            f"{ROUNDS} alternating rounds of {LINES} lines, {UNDER_WAY} under way; lines a second, median (least-most)"
        )
        for name, options in FEATURES.items():
            streams, calls = await rates(stub, options)
            ratio = statistics.median(streams) / statistics.median(calls)
            well = well and ratio > 1
            print(f"{name:10} stream {spread(streams)}  unary {spread(calls)}  ratio {ratio:.2f}", flush=True)
        print(f"memory of the service along a stream of {LONG} lines (classes), MiB:")
        sizes = []
        async for done in by_stream(stub, FEATURES["classes"], LONG):
            if done % STEP == 0:
                sizes.append(resident_bytes(stack, "text") / MEBIBYTE)
                print(f"  after {done:7}: {sizes[-1]:.1f}", flush=True)
    return well and sizes[-1] - sizes[0] < 16


def spread(values: list[float]) -> str:
    """Median, least and most."""
    return f"{statistics.median(values):6.0f} ({min(values):.0f}-{max(values):.0f})"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder), ["text"]) as started:
        sys.exit(0 if asyncio.run(main(started)) else 1)
