"""Whether cost and memory grow with what is asked, and not faster: many callers, and a long stream."""

import statistics
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import uvloop

from bench.comparison.generator import JobError
from bench.comparison.measuring import Load, measure, wait_until_right
from bench.comparison.records import Bench, Failure, Place, Record, record
from bench.comparison.systems import SYSTEMS, Running, System
from bench.comparison.workloads import frames, workload
from bench.processes import memory_bytes
from sensorium.type.v1 import image_pb2
from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium.vision.v1 import vision_service_pb2_grpc

__all__ = ["growth"]

_WORKLOAD = "classify_raw"
_CALLERS = (32, 256, 1000)
_LOOKS = 20  # parts in which the stream's memory is looked at


def growth(bench: Bench) -> None:
    """Measures the suite with up to 1,000 callers who wait their turn, and along a stream of pictures."""
    suite: System = SYSTEMS[0]
    with tempfile.TemporaryDirectory() as folder, suite.start("vision", Path(folder)) as running:
        wait_until_right(suite, running, _WORKLOAD)
        for number in range(bench.settings.rounds):
            try:
                _crowd(suite, running, number, bench)
            except JobError as error:
                bench.fail(Failure("growth", _WORKLOAD, "suite", str(error)))
        try:
            uvloop.run(_stream(running, bench))
        except (grpc.RpcError, AssertionError) as error:
            bench.fail(Failure("stream", _WORKLOAD, "suite", str(error)))


def _crowd(suite: System, running: Running, number: int, bench: Bench) -> None:
    """Callers that are turned away come back after the delay that the service tells them."""
    memory: dict[int, float] = {}
    for callers in _CALLERS:
        load = Load(callers, seconds=bench.settings.seconds, patient=True, least=1.0)
        found = measure(suite, running, _WORKLOAD, load)
        made = record(Place("growth", _WORKLOAD, "suite", str(callers), number), found)
        memory[callers] = memory_bytes([running.roots["vision"]]) / 1024
        if callers == _CALLERS[-1]:
            made.values["admitted_memory"] = (memory[callers] - memory[_CALLERS[-2]]) / (callers - _CALLERS[-2])
        made.values["service_memory"] = memory[callers] / 1024
        bench.results.records.append(made)
        bench.say(
            f"{_WORKLOAD:13} {callers:4} callers  round {number + 1}  cost {found.cost:.2f}, service "
            f"{memory[callers] / 1024:.0f} MiB, turned away {found.turned_away}"
        )


async def _stream(running: Running, bench: Bench) -> None:
    """One stream; memory of the service is read along the way, and the first fifth is warm-up."""
    pictures, expected = frames(), workload(_WORKLOAD).expected()
    count, sizes = bench.settings.pictures, []

    async def requests() -> AsyncIterator[pb.StreamAnnotateRequest]:
        options = pb.AnnotateOptions(classify=pb.ClassifyOptions(top_k=1))
        yield pb.StreamAnnotateRequest(config=pb.StreamAnnotateConfig(options=options, max_in_flight=16))
        for number in range(count):
            pixels = pictures[number % len(pictures)]
            raw = image_pb2.RawFrame(
                width=224, height=224, pixel_format=image_pb2.PIXEL_FORMAT_RGB8, data=pixels.tobytes()
            )
            yield pb.StreamAnnotateRequest(frame=pb.StreamFrame(image=image_pb2.Image(raw_frame=raw)))

    async with grpc.aio.insecure_channel(f"127.0.0.1:{running.port}") as channel:
        stub = vision_service_pb2_grpc.VisionServiceStub(channel)
        done = 0
        async for response in stub.StreamAnnotate(requests()):
            assert response.status.code == 0, response.status.message
            assert response.annotation.labels[0].index == expected[done % len(expected)], "a wrong label"
            done += 1
            if done % max(1, count // _LOOKS) == 0:
                sizes.append(memory_bytes([running.roots["vision"]]) / 2**20)
        assert done == count, f"{done} answers to {count} pictures"
    # What is under way differs from look to look by tens of pictures: so a fifth of the looks stands for its part.
    early, late = (statistics.median(part) for part in (sizes[_LOOKS // 5 : 2 * _LOOKS // 5], sizes[-_LOOKS // 5 :]))
    values = {"pictures": float(count), "memory": late, "grown": late - early}
    bench.results.records.append(Record("stream", _WORKLOAD, "suite", "", 0, values))
    bench.say(f"a stream of {count} pictures: {late:.0f} MiB, {values['grown']:+.1f} MiB since its second fifth")
