"""The closed loop: as many callers as the load says, each of which asks again as soon as it has its answer.

All systems of a service are up at the same time, and stopped in their tracks while another is measured. In each round
they take turns, each round beginning with another one.
"""

import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench.comparison.generator import JobError, Result
from bench.comparison.limit import Arrangement, arrangements, measure_limit
from bench.comparison.measuring import Load, measure, wait_until_right
from bench.comparison.records import Bench, Failure, Place, Record, record
from bench.comparison.settings import Selection
from bench.comparison.systems import SYSTEMS, NotReadyError, Running, System
from bench.comparison.workloads import WORKLOADS, Workload
from bench.processes import memory_bytes

__all__ = [
    "CALLERS",
    "LIMIT",
    "Up",
    "awake",
    "closed_loop",
    "cold_starts",
    "everybody",
    "install",
    "rotated",
    "workloads_of",
]

CALLERS = (1, 8, 32)
LIMIT = "limit"
_SETTLE_SECONDS = 2.0
_TRIAL_SECONDS = 1.0

T = TypeVar("T")
Up = dict[str, tuple[System, Running]]
"""Systems that are up, by name."""


def workloads_of(service: str, selection: Selection) -> list[Workload]:
    """The workloads of a service that are to be run."""
    return [one for one in WORKLOADS if one.service == service and selection.workload(one.name)]


def systems_of(service: str, bench: Bench) -> list[System]:
    """The systems that can do any of them, those left out that could not be installed."""
    names = {one.name for one in workloads_of(service, bench.selection)}
    missing = {one.system for one in bench.results.failures if one.part == "install"}
    wanted = (one for one in SYSTEMS if bench.selection.system(one.name) and one.name not in missing)
    return [one for one in wanted if names & set(one.workloads)]


def install(service: str, bench: Bench) -> None:
    """Installs the systems of a service; one that cannot be is a failure."""
    for system in systems_of(service, bench):
        try:
            system.prepare(bench.settings.folder / "venvs")
        except (subprocess.CalledProcessError, OSError) as error:
            bench.fail(Failure("install", service, system.name, str(error)))


def cold_starts(service: str, bench: Bench) -> None:
    """Starts each system anew in every round: seconds to the first right answer, and memory when idle."""
    asked = workloads_of(service, bench.selection)
    for number in range(bench.settings.rounds):
        for system in rotated(systems_of(service, bench), number):
            first = next(one for one in asked if one.name in system.workloads)
            with tempfile.TemporaryDirectory() as folder:
                began = time.monotonic()
                try:
                    with system.start(service, Path(folder)) as running:
                        took = wait_until_right(system, running, first.name) - began
                        time.sleep(_SETTLE_SECONDS)
                        idle = memory_bytes(running.roots.values()) / 2**20
                except NotReadyError as error:
                    bench.fail(Failure("start", service, system.name, str(error)))
                    continue
            values = {"seconds": took, "memory": idle}
            bench.results.records.append(Record("start", service, system.name, "", number, values))
            bench.say(f"start {service:8} {system.name:10} round {number + 1}: {took:5.1f} s, {idle:5.0f} MiB")


@contextmanager
def everybody(service: str, bench: Bench) -> Iterator[Up]:
    """All systems of a service, ready and paused, by name; one that does not get ready is a failure, and missing."""
    asked = workloads_of(service, bench.selection)
    with ExitStack() as stack:
        up: Up = {}
        for system in systems_of(service, bench):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            running = stack.enter_context(system.start(service, folder))
            stack.callback(running.resume)
            try:
                for one in asked:
                    if one.name in system.workloads:
                        wait_until_right(system, running, one.name)
            except NotReadyError as error:
                bench.fail(Failure("closed", one.name, system.name, str(error)))
                continue
            finally:
                running.pause()
            up[system.name] = (system, running)
        yield up


@dataclass(frozen=True)
class _Turn:
    """One measurement to make."""

    asked: Workload
    callers: int
    round: int
    way: Arrangement | None


def closed_loop(up: Up, asked: Sequence[Workload], bench: Bench) -> None:
    """Measures systems, and the limit where callers are many, at every number of callers."""
    for one in asked:
        able = [name for name, (system, _) in up.items() if one.name in system.workloads]
        way = _best_arrangement(one.name, bench) if bench.selection.system(LIMIT) else None
        for callers in CALLERS:
            names = [*able, *([LIMIT] if way and callers == CALLERS[-1] else [])]
            for number in range(bench.settings.rounds):
                for name in rotated(names, number):
                    _take(name, _Turn(one, callers, number, way), up, bench)


def _take(name: str, turn: _Turn, up: Up, bench: Bench) -> None:
    try:
        found = _measured(name, turn, up, bench.settings.seconds)
    except JobError as error:
        bench.fail(Failure("closed", turn.asked.name, name, str(error)))
        return
    made = record(Place("closed", turn.asked.name, name, str(turn.callers), turn.round), found)
    bench.results.records.append(made)
    shown = "  ".join(f"{key} {made.values[key]:8.2f}" for key in ("throughput", "p50", "p99", "cost", "batch"))
    who = f"{turn.asked.name:13} {turn.callers:4} callers  round {turn.round + 1}  {name:9}"
    bench.say(f"{who} {shown}  others {found.others:.1f}")


def _measured(name: str, turn: _Turn, up: Up, seconds: float) -> Result:
    if name == LIMIT:
        assert turn.way is not None
        return measure_limit(turn.asked.name, turn.way, seconds)
    system, running = up[name]
    with awake(running):
        return measure(system, running, turn.asked.name, Load(turn.callers, seconds=seconds))


@contextmanager
def awake(running: Running) -> Iterator[None]:
    """The system goes on while the block runs, and is paused again at its end."""
    running.resume()
    try:
        yield
    finally:
        running.pause()


def _best_arrangement(name: str, bench: Bench) -> Arrangement:
    """The arrangement of the limit that takes the least processor time for a request."""
    cores = int(bench.results.machine["cores"])
    costs = {way: measure_limit(name, way, _TRIAL_SECONDS, 0.5).cost for way in arrangements(name, cores)}
    best = min(costs, key=lambda way: costs[way])
    bench.results.notes[f"limit of {name}"] = str(best)
    bench.say(f"{name:13} the limit is best reached by {best}")
    return best


def rotated(items: Sequence[T], by: int) -> list[T]:
    start = by % max(1, len(items))
    return [*items[start:], *items[:start]]
