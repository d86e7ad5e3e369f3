"""Asks a system as many callers do, and measures.

It is a process of its own, so that what it computes is known and left out. Answers are kept while the clock runs and
looked at afterwards: every one of them must be right.
"""

import asyncio
import base64
import pickle
import random
import struct
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import uvloop
from google.rpc import error_details_pb2, status_pb2
from tritonclient.grpc import service_pb2, service_pb2_grpc

from bench.comparison.arithmetic import percentile, poisson_arrivals
from bench.comparison.dialects import DIALECTS
from bench.comparison.links import Link, LinkError, Reply, Target, connect
from bench.comparison.workloads import workload
from bench.processes import Process, cpu_seconds, machine_seconds, memory_bytes, since

__all__ = ["Job", "JobError", "Result", "run"]

# Connections of the open loop; when all of them are busy the rate is far beyond what is held.
_MOST_LINKS = 512
_LONGEST = 90.0
_OVERLOADED = "8"


class JobError(Exception):
    """A run that must not give a figure."""


@dataclass(frozen=True)
class Job:
    """What to measure.

    Attributes:
        target, dialect: how the system is asked.
        workload: what is asked.
        bodies: requests, in turn, and `expected` their answers.
        callers: of the closed loop, each of which asks again as soon as it has its answer.
        rate: requests a second of the open loop; 0 for the closed one.
        seconds: measured at least, after `warm_up`.
        least: requests of each caller that must have ended.
        patient: callers that are turned away come back after the delay that they are told.
        roots: processes of the system, whose descendants count, too.
        triton: address of the Triton whose batches are counted; `counts` is the folder of those who count themselves.
        seed: of the arrivals.
    """

    target: Target
    dialect: str
    workload: str
    bodies: Sequence[bytes]
    expected: Sequence[Any]
    callers: int = 1
    rate: float = 0.0
    seconds: float = 4.0
    warm_up: float = 1.0
    least: float = 2.0
    patient: bool = False
    roots: Sequence[int] = ()
    triton: str = ""
    counts: str = ""
    seed: int = 1


@dataclass(frozen=True)
class Result:
    """What was measured. Times in milliseconds, `cpu` in seconds by what the processes run, `memory` in bytes.

    Attributes:
        own: seconds that the generator computed; `others` how many processors did something else.
        batch: rows that shared an execution, in the mean; 0 where nobody counts.
        turned_away: requests that were refused and came again.
        kept_up: whether the open loop could send in time.
    """

    seconds: float
    completed: int
    latencies: Sequence[float]
    cpu: dict[str, float]
    own: float
    others: float
    memory: int
    batch: float
    turned_away: int = 0
    kept_up: bool = True

    @property
    def throughput(self) -> float:
        """Answers a second."""
        return self.completed / self.seconds

    @property
    def cost(self) -> float:
        """Milliseconds that all serving processes compute for an answer."""
        return sum(self.cpu.values()) / self.completed * 1e3

    def at(self, percent: float) -> float:
        """A percentile of the latencies."""
        return percentile(self.latencies, percent)


class _Batches(NamedTuple):
    rows: int
    runs: int


@dataclass
class _Books:
    """What the processes have spent so far."""

    at: float
    cpu: dict[Process, float]
    own: float
    machine: float
    batches: _Batches

    @classmethod
    def read(cls, job: Job) -> "_Books":
        return cls(time.perf_counter(), cpu_seconds(job.roots), time.process_time(), machine_seconds(), _batches(job))


@dataclass
class _Answered:
    at: float
    took: float
    item: int
    body: bytes


@dataclass
class _Load:
    job: Job
    answered: list[_Answered] = field(default_factory=list)
    end: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0
    turned_away: int = 0

    def next_item(self) -> int:
        item = self.asked % len(self.job.bodies)
        self.asked += 1
        return item

    async def ask(self, link: Link, since: float | None = None) -> None:
        item = self.next_item()
        start = time.perf_counter() if since is None else since
        while True:
            reply = await link.call(self.job.bodies[item])
            if not reply.error:
                break
            if not (self.job.patient and reply.headers.get("grpc-status") == _OVERLOADED):
                raise JobError(reply.error)
            self.turned_away += 1
            await asyncio.sleep(_delay(reply) * random.uniform(1.0, 1.5))
            if self.end.is_set():
                return
        now = time.perf_counter()
        self.answered.append(_Answered(now, now - start, item, reply.body))


async def run(job: Job) -> Result:
    """Does a job.

    Raises:
        JobError: an answer was an error, or wrong, or none came.
    """
    load = _Load(job)
    work = _open(load) if job.rate else _closed(load)
    running = asyncio.create_task(work)
    try:
        await _pause(running, job.warm_up)
        before = _Books.read(job)
        await _pause(running, job.seconds)
        enough = job.least * job.callers if not job.rate else 0
        while sum(one.at >= before.at for one in load.answered) < enough and time.perf_counter() - before.at < _LONGEST:
            await _pause(running, 0.25)
        after = _Books.read(job)
        memory = memory_bytes(job.roots)
        load.end.set()
        kept_up = await running
    except (LinkError, OSError, ExceptionGroup) as error:
        raise JobError(str(_first(error))) from error
    finally:
        running.cancel()
    return _result(load, before, after, memory, kept_up=kept_up)


def _first(error: Exception) -> Exception:
    """The error itself, out of the groups that it came in."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


async def _pause(running: "asyncio.Task[bool]", seconds: float) -> None:
    """Waits; the end of the load before that is an error, and is raised."""
    done, _ = await asyncio.wait({running}, timeout=seconds)
    if done:
        running.result()
        raise JobError("the load ended by itself")


async def _closed(load: _Load) -> bool:
    async def caller() -> None:
        link = await connect(load.job.target)
        try:
            while not load.end.is_set():
                await load.ask(link)
        finally:
            link.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(load.job.callers):
            group.create_task(caller())
    return True


async def _open(load: _Load) -> bool:
    job, idle, tasks, opened, kept_up = load.job, list[Link](), set[asyncio.Task[None]](), 0, True
    start = time.perf_counter()

    async def one(due: float, link: Link | None) -> None:
        link = link or await connect(job.target)
        await load.ask(link, due)
        idle.append(link)

    # Arrivals go on until the measurement ends, so that its last requests meet the same load as its first.
    for moment in poisson_arrivals(job.rate, job.warm_up + job.seconds + _LONGEST, job.seed):
        await asyncio.sleep(max(0.0, start + moment - time.perf_counter()))
        if load.end.is_set():
            break
        if not idle:
            opened += 1
        if opened > _MOST_LINKS:
            kept_up = False
            break
        task = asyncio.create_task(one(start + moment, idle.pop() if idle else None))
        tasks.add(task)
        task.add_done_callback(lambda ended: tasks.discard(ended) if not ended.exception() else None)
    await load.end.wait()
    await asyncio.gather(*tasks)
    for link in idle:
        link.close()
    return kept_up


def _result(load: _Load, before: _Books, after: _Books, memory: int, *, kept_up: bool) -> Result:
    job, passed = load.job, after.at - before.at
    inside = [one for one in load.answered if before.at <= one.at < after.at]
    if not inside:
        raise JobError(f"no answer within {passed:.0f} s")
    _check(job, load.answered)
    cpu = since(before.cpu, after.cpu)
    own = after.own - before.own
    rows, runs = (now - then for now, then in zip(after.batches, before.batches, strict=True))
    return Result(
        seconds=passed,
        completed=len(inside),
        latencies=[one.took * 1e3 for one in inside],
        cpu=cpu,
        own=own,
        others=(after.machine - before.machine - sum(cpu.values()) - own) / passed,
        memory=memory,
        batch=rows / runs if runs else 0.0,
        turned_away=load.turned_away,
        kept_up=kept_up,
    )


def _check(job: Job, answered: Sequence[_Answered]) -> None:
    dialect, problem = DIALECTS[job.dialect], workload(job.workload).problem
    for one in answered:
        wrong = problem(job.expected[one.item], dialect.decode(job.workload, one.body))
        if wrong:
            raise JobError(f"wrong answer to item {one.item}: {wrong}")


def _delay(reply: Reply) -> float:
    """Seconds after which a caller that was turned away may come back."""
    raw = reply.headers.get("grpc-status-details-bin", "")
    status = status_pb2.Status.FromString(base64.b64decode(raw + "=" * (-len(raw) % 4)))
    for detail in status.details:
        retry = error_details_pb2.RetryInfo()
        if detail.Unpack(retry):
            return float(retry.retry_delay.ToMicroseconds() / 1e6)
    return 1.0


def _batches(job: Job) -> _Batches:
    if job.counts:
        return _counted(Path(job.counts))
    if not job.triton:
        return _Batches(0, 0)
    with grpc.insecure_channel(job.triton) as channel:
        stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
        request = service_pb2.ModelStatisticsRequest(name=workload(job.workload).model)
        statistics = stub.ModelStatistics(request, timeout=10).model_stats
    (model,) = statistics
    return _Batches(model.inference_count, model.execution_count)


def _counted(folder: Path) -> _Batches:
    pairs = [struct.unpack("<QQ", path.read_bytes()) for path in folder.iterdir()]
    return _Batches(sum(rows for rows, _ in pairs), sum(runs for _, runs in pairs))


def main() -> None:
    """Reads the job and writes the result, or why there is none."""
    job: Job = pickle.loads(Path(sys.argv[1]).read_bytes())
    try:
        result = uvloop.run(run(job))
    except JobError as error:
        sys.exit(f"no figure: {error}")
    Path(sys.argv[2]).write_bytes(pickle.dumps(result))
