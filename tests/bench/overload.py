"""What a service does when more is asked of it than it can do: open-loop load at 1, 2, 4 and 8 times its capacity.

    PYTHONPATH=tests python -m bench.overload [ROUNDS]

Runs a stack of its own. Capacity is what callers get who wait for each other. Goodput is what is answered within the
callers' deadline. (Of calls that cost the service no more than it costs to refuse them, little can be kept: those here
have something to compute.) The callers share the machine with the service, and take the more of it the more they call:
so beside the goodput stands what it would be if they took nothing, by the part of the processors that they left to the
service. Fails when that falls under 90 % of its peak at more load, or when the 99th percentile of the admitted calls
passes the deadline.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from bench.open_loop import Callers, Method, Seen
from bench.processes import busyness
from integration.conftest import running_stack
from sensorium.text.v1 import text_service_pb2
from sensorium.type.v1.image_pb2 import Image
from sensorium.vision.v1 import vision_service_pb2
from sensorium_client.stack import pictures

FACTORS = (1, 2, 4, 8)
SECONDS = 4.0
CALLERS = 16
KEPT = 0.9
TEXT = "Pump P-101 leaks oil at the gland; the bearing is hot and runs roughly. Gland and bearing to be replaced."
HEADER = (
    "| load | offered/s | goodput/s | without callers | rejected/s | failed/s | p50 ms | p99 ms | callers' part |\n"
    "|---|---|---|---|---|---|---|---|---|\n"
)
PROCESSORS = os.cpu_count() or 1


def methods() -> dict[str, Method]:
    """What is called, by service."""
    picture = Image(encoded=pictures.encode(pictures.photograph("coffee"), ".jpg"))
    return {
        "vision": Method(
            "/sensorium.vision.v1.VisionService/Classify",
            vision_service_pb2.ClassifyRequest(image=picture).SerializeToString(),
            deadline=1.0,
        ),
        "text": Method(
            "/sensorium.text.v1.TextService/Embed",
            text_service_pb2.EmbedRequest(texts=[f"{number}: {TEXT}" for number in range(16)]).SerializeToString(),
            deadline=1.0,
        ),
    }


@dataclass
class Level:
    """What was seen at one load, round by round."""

    offered: list[float] = field(default_factory=list)
    goodput: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    rejected: list[float] = field(default_factory=list)
    failed: list[float] = field(default_factory=list)
    callers: list[float] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)

    def note(self, seen: Seen) -> None:
        """Adds a round."""
        good, seconds = seen.codes["OK"] / SECONDS, seen.seconds
        busy = seen.cpu / seconds
        self.offered.append(seen.codes.total() / SECONDS)
        self.goodput.append(good)
        self.alone.append(good * PROCESSORS / (PROCESSORS - busy))
        self.rejected.append(seen.codes["RESOURCE_EXHAUSTED"] / SECONDS)
        self.failed.append((seen.codes.total() - seen.codes["OK"] - seen.codes["RESOURCE_EXHAUSTED"]) / SECONDS)
        self.callers.append(busy)
        self.taken += seen.taken

    def percentile(self, percent: int) -> float:
        """Milliseconds within which so many of 100 admitted calls were answered."""
        return statistics.quantiles(self.taken, n=100)[percent - 1]


def measure(address: str, method: Method, rounds: int) -> bool:
    """Prints the table of one method; says whether it kept what is asked for."""
    levels = {factor: Level() for factor in FACTORS}
    capacity = 0.0
    with Callers(address, method) as callers:
        callers.closed(CALLERS, 1.0)
        for _ in range(rounds):
            capacity = max(capacity, callers.closed(CALLERS, SECONDS).codes["OK"] / SECONDS)
            for factor, level in levels.items():
                level.note(callers.open(factor * capacity, SECONDS))
    sys.stdout.write(
        f"\n{method.name.rsplit('/', 1)[1]}, capacity {capacity:.0f} a second, deadline {method.deadline:g} s\n"
    )
    sys.stdout.write(HEADER)
    for factor, level in levels.items():
        columns = (level.offered, level.goodput, level.alone, level.rejected, level.failed)
        numbers = " | ".join(f"{statistics.median(each):.0f}" for each in columns)
        times = f"{level.percentile(50):.0f} | {level.percentile(99):.0f}"
        sys.stdout.write(f"| {factor} × | {numbers} | {times} | {statistics.median(level.callers):.2f} |\n")
    goodput = [statistics.median(levels[factor].alone) for factor in FACTORS]
    kept = min(goodput[goodput.index(max(goodput)) :]) / max(goodput)
    slowest = max(level.percentile(99) for level in levels.values())
    good = kept >= KEPT and slowest <= method.deadline * 1e3
    sys.stdout.write(f"beyond the peak {kept:.0%} of it, p99 {slowest:.0f} ms: {'kept' if good else 'MISSED'}\n")
    sys.stdout.flush()
    return good


def main() -> int:
    """Runs everything."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as name, running_stack(Path(name), ["vision", "text"]) as stack:
        results = [measure(stack.address(service), method, rounds) for service, method in methods().items()]
    sys.stdout.write(f"{busyness()}\n")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
