"""One measurement of one system, by a generator process."""

import asyncio
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import uvloop

from bench.comparison.dialects import DIALECTS
from bench.comparison.generator import Job, JobError, Result
from bench.comparison.links import LinkError, connect
from bench.comparison.settings import ROOT
from bench.comparison.systems import NotReadyError, Running, System
from bench.comparison.workloads import workload

__all__ = ["Load", "measure", "wait_until_right"]

_READY_SECONDS = 180.0
_ASK_AGAIN = 0.05


@dataclass(frozen=True)
class Load:
    """How a system is asked: by so many callers, or at a rate; `least` is what each caller must have seen, if given."""

    callers: int = 1
    rate: float = 0.0
    seconds: float = 4.0
    warm_up: float = 1.0
    patient: bool = False
    least: float | None = None
    seed: int = 1


@cache
def _asked(dialect: str, name: str) -> tuple[Sequence[bytes], Sequence[Any]]:
    asked = workload(name)
    return [DIALECTS[dialect].encode(name, item) for item in asked.items()], _expected(name)


@cache
def _expected(name: str) -> Sequence[Any]:
    return workload(name).expected()


def job(system: System, running: Running, name: str, load: Load) -> Job:
    """The generator's job for a load."""
    bodies, expected = _asked(system.dialect, name)
    return Job(
        target=DIALECTS[system.dialect].target(name, running.port),
        dialect=system.dialect,
        workload=name,
        bodies=bodies,
        expected=expected,
        callers=load.callers,
        rate=load.rate,
        seconds=load.seconds,
        warm_up=load.warm_up,
        least=workload(name).least if load.least is None else load.least,
        patient=load.patient,
        roots=tuple(running.roots.values()),
        triton=running.triton,
        counts=running.counts,
        seed=load.seed,
    )


def measure(system: System, running: Running, name: str, load: Load) -> Result:
    """Measures a system under a load, once it answers: it may just have been resumed, and find its connections broken.

    Raises:
        JobError: it gave an error or a wrong answer: there is no figure then.
    """
    try:
        wait_until_right(system, running, name)
    except NotReadyError as error:
        raise JobError(f"{system.name}, {name}: {error}") from error
    return _generate(job(system, running, name, load), f"{system.name}, {name}")


def _generate(asked: Job, who: str) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        given, told = Path(folder) / "job", Path(folder) / "result"
        given.write_bytes(pickle.dumps(asked))
        # Not as `-m`, by which the classes of what is pickled would be those of `__main__`.
        start = "from bench.comparison.generator import main; main()"
        command = [sys.executable, "-c", start, str(given), str(told)]
        environment = os.environ | {"PYTHONPATH": str(ROOT / "tests")}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise JobError(f"{who}: {done.stderr.strip().rpartition(chr(10))[2]}")
        result: Result = pickle.loads(told.read_bytes())
        return result


def wait_until_right(system: System, running: Running, name: str) -> float:
    """Asks until the first right answer comes; gives the moment on the monotonic clock.

    Raises:
        NotReadyError: none came in time, or the process has ended.
    """
    asked = job(system, running, name, Load())
    return uvloop.run(_wait(asked, running))


async def _wait(asked: Job, running: Running) -> float:
    deadline = time.monotonic() + _READY_SECONDS
    problem = "nobody listens"
    while time.monotonic() < deadline:
        if any(map(_is_dead, running.roots.values())):
            raise NotReadyError(f"it has ended:\n{_tail(running.log)}")
        with suppress(OSError, LinkError, TimeoutError):
            problem = await _problem(asked)
            if not problem and running.settled():
                return time.monotonic()
            problem = problem or "it has not settled"
        await asyncio.sleep(_ASK_AGAIN)
    raise NotReadyError(f"no right answer in {_READY_SECONDS:.0f} s, last: {problem}\n{_tail(running.log)}")


async def _problem(asked: Job) -> str:
    """What is wrong with the answer to the first item; empty when it is right."""
    async with asyncio.timeout(_READY_SECONDS):
        link = await connect(asked.target)
        try:
            reply = await link.call(asked.bodies[0])
        finally:
            link.close()
    if reply.error:
        return reply.error
    answer = DIALECTS[asked.dialect].decode(asked.workload, reply.body)
    return workload(asked.workload).problem(asked.expected[0], answer)


def _is_dead(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:])
