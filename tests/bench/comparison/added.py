"""What the service adds to the latency of Triton: one caller, the same Python client on both sides.

Calls of both sides alternate one by one, so that what else the machine does meets both.
"""

import time
from collections.abc import Sequence
from typing import Any

import grpc

from bench.comparison.arithmetic import percentile
from bench.comparison.dialects import DIALECTS
from bench.comparison.measuring import Load, job
from bench.comparison.records import Bench, Failure, Record
from bench.comparison.rounds import Up
from bench.comparison.workloads import workload

__all__ = ["added_latency"]

_WORKLOADS = ("small", "classify_raw")
_WARM_UP = 20
Sides = dict[str, tuple[int, str, Sequence[bytes]]]
"""Port, path of the method and requests of each side."""


def added_latency(up: Up, names: list[str], bench: Bench) -> None:
    """Measures the suite against the Triton within it."""
    if "suite" not in up:
        return
    system, running = up["suite"]
    for name in names:
        if name not in _WORKLOADS:
            continue
        asked = job(system, running, name, Load())
        direct = DIALECTS["triton"]
        tensors = [direct.encode(name, item) for item in workload(name).items()]
        running.resume()
        try:
            sides = {
                "suite": (running.port, asked.target.path, asked.bodies),
                "triton": (int(running.triton.rpartition(":")[2]), direct.target(name, 0).path, tensors),
            }
            for number in range(bench.settings.rounds):
                _round(name, sides, number, bench)
        except grpc.RpcError as error:
            bench.fail(Failure("added", name, "suite", str(error)))
        finally:
            running.pause()


def _round(name: str, sides: Sides, number: int, bench: Bench) -> None:
    took: dict[str, list[float]] = {side: [] for side in sides}
    with (
        grpc.insecure_channel(f"127.0.0.1:{sides['suite'][0]}") as first,
        grpc.insecure_channel(f"127.0.0.1:{sides['triton'][0]}") as second,
    ):
        calls: dict[str, Any] = {
            side: channel.unary_unary(sides[side][1]) for side, channel in (("suite", first), ("triton", second))
        }
        end, turn = time.monotonic() + bench.settings.seconds, 0
        while time.monotonic() < end or turn < 3 * _WARM_UP:
            for side, call in calls.items():
                bodies = sides[side][2]
                start = time.perf_counter()
                call(bodies[turn % len(bodies)])
                took[side].append((time.perf_counter() - start) * 1e3)
            turn += 1
    values = {f"{side}_p50": percentile(each[_WARM_UP:], 50) for side, each in took.items()}
    values["added_p50"] = values["suite_p50"] - values["triton_p50"]
    bench.results.records.append(Record("added", name, "suite", "1", number, values))
    bench.say(f"{name:13} added latency round {number + 1}  {values['added_p50']:.2f} ms to {values['triton_p50']:.2f}")
