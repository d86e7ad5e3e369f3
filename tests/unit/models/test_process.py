"""A server's process from start to end, with small programs in place of Triton."""

import asyncio
import sys
import time
from pathlib import Path

import pytest

from sensorium_models.embedded.command import Command
from sensorium_models.embedded.process import TritonProcess
from sensorium_models.embedded.stubs import new_prefix


def server(program: str, lines: list[str], *, stop_timeout_s: float = 5.0) -> TritonProcess:
    command = Command((sys.executable, "-u", "-c", program), {})
    return TritonProcess(command, shm_prefix=new_prefix(), stop_timeout_s=stop_timeout_s, on_line=lines.append)


async def test_every_line_is_passed_on_and_the_last_one_explains_the_end() -> None:
    lines: list[str] = []
    async with server(
        "import sys; print('starting'); print('no models', file=sys.stderr); sys.exit(3)", lines
    ) as triton:
        assert await triton.wait() == "exited with status 3: no models"
    assert lines == ["starting", "no models"]


async def test_a_killed_server_is_noticed_at_once_though_its_children_hold_the_pipe() -> None:
    program = "import os, subprocess; subprocess.Popen(['/bin/sleep', '4']); os.kill(os.getpid(), 9)"
    started = time.monotonic()
    async with server(program, []) as triton:
        assert await triton.wait() == "was killed by SIGKILL"
    assert time.monotonic() - started < 2.0


async def test_leaving_asks_the_server_to_stop() -> None:
    lines: list[str] = []
    program = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('bye'), sys.exit(0)))\n"
        "print('up'); time.sleep(60)"
    )
    async with server(program, lines):
        while not lines:  # noqa: ASYNC110 - the server's first line is all there is to wait for
            await asyncio.sleep(0.01)
    assert lines == ["up", "bye"]


async def test_a_server_that_does_not_stop_is_killed() -> None:
    lines: list[str] = []
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up'); time.sleep(60)"
    async with server(program, lines, stop_timeout_s=0.2) as triton:
        while not lines:  # noqa: ASYNC110 - the server's first line is all there is to wait for
            await asyncio.sleep(0.01)
        started = time.monotonic()
    assert time.monotonic() - started < 2.0
    assert await triton.wait() == "was killed by SIGKILL"


@pytest.mark.parametrize(("within_s", "said"), [(0.0, ["up"]), (5.0, ["up", "bye"])])
async def test_a_server_is_ended_at_once_or_after_what_it_is_at(within_s: float, said: list[str]) -> None:
    lines: list[str] = []
    program = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('bye'), sys.exit(0)))\n"
        "print('up'); time.sleep(60)"
    )
    async with server(program, lines) as triton:
        while not lines:  # noqa: ASYNC110 - the server's first line is all there is to wait for
            await asyncio.sleep(0.01)
        await triton.end(within_s)
    assert lines == said


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs POSIX shared memory")
async def test_its_shared_memory_is_removed() -> None:
    async with server("import time; time.sleep(60)", []) as triton:
        left = triton.stubs.shm / f"{triton.stubs.prefix}left"
        left.touch()
    assert not left.exists()
