import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bench.processes import Process, cpu_seconds, descendants, memory_bytes, since

COMPUTES = "import sys, time\nwhile time.process_time() < 0.2: pass\nprint(flush=True); sys.stdin.read()"
STARTS_ANOTHER = (
    "import subprocess, sys\n"
    f"child = subprocess.Popen([sys.executable, '-c', {COMPUTES!r}], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
    "child.stdout.readline(); print(child.pid, flush=True); sys.stdin.read(); child.communicate()"
)


@pytest.fixture
def family() -> Iterator[tuple[int, int]]:
    """A process and one that it has started, which has computed for 0.2 s."""
    process = subprocess.Popen([sys.executable, "-c", STARTS_ANOTHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    yield process.pid, child
    process.communicate()


def test_what_a_child_computes_counts_for_its_parent(family: tuple[int, int]) -> None:
    parent, child = family
    assert sum(cpu_seconds([child]).values()) >= 0.17  # utime and stime are each cut to ticks
    assert sum(cpu_seconds([parent]).values()) >= 0.17  # utime and stime are each cut to ticks


def test_descendants_come_after_those_who_started_them(family: tuple[int, int]) -> None:
    assert descendants([family[0]]) == list(family)


def test_memory_of_a_family_is_that_of_its_members(family: tuple[int, int]) -> None:
    whole, part = memory_bytes([family[0]]), memory_bytes([family[1]])
    assert 2**20 < part < whole


def test_a_process_that_has_ended_counts_nothing() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert (cpu_seconds([ended.pid]), descendants([ended.pid]), memory_bytes([ended.pid])) == ({}, [], 0)


def test_own_time_grows_by_what_was_computed() -> None:
    before = cpu_seconds([os.getpid()])
    start = os.times()
    while os.times().user + os.times().system - start.user - start.system < 0.1:
        pass
    assert 0.08 <= sum(since(before, cpu_seconds([os.getpid()])).values()) < 1.0


def test_a_process_that_calls_itself_otherwise_later_is_charged_for_the_time_between_only() -> None:
    before = {Process(1, "idle"): 5.0, Process(2, "worker"): 7.0}
    after = {Process(1, "handling"): 6.0, Process(2, "worker"): 7.5, Process(3, "worker"): 0.25}
    assert since(before, after) == {"handling": 1.0, "worker": 0.75}
