"""Log lines that may wait, and those that may not."""

from __future__ import annotations

import errno
import io
import json
import subprocess
import sys

import pytest

from sensorium_core.telemetry import sink as sinks
from sensorium_core.telemetry.sink import LogSink
from unit.stack.standins import wait_for


class Stream(io.StringIO):
    """Counts how often it was written to."""

    writes = 0

    def write(self, text: str) -> int:
        self.writes += 1
        return super().write(text)


@pytest.fixture
def stream() -> Stream:
    return Stream()


def events(stream: Stream) -> list[str]:
    return [json.loads(line)["event"] for line in stream.getvalue().splitlines()]


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread waits until the test is over."""
    monkeypatch.setattr(sinks, "_GATHERING", 60.0)


@pytest.mark.usefixtures("patient")
def test_lines_that_may_wait_are_written_together(stream: Stream) -> None:
    sink = LogSink(stream)
    for number in range(3):
        sink.info({"event": f"{number}"})
    assert stream.getvalue() == ""
    sink.flush()
    assert (events(stream), stream.writes) == (["0", "1", "2"], 1)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("level", ["warning", "error", "critical"])
def test_what_is_worse_is_written_at_once_and_behind_what_came_before(stream: Stream, level: str) -> None:
    sink = LogSink(stream)
    sink.info({"event": "before"})
    getattr(sink, level)({"event": "worse"})
    assert events(stream) == ["before", "worse"]


@pytest.mark.usefixtures("patient")
def test_what_waits_is_bounded(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sinks, "_MOST_WAITING", 5)
    sink = LogSink(stream)
    for number in range(6):
        sink.debug({"event": f"{number}"})
    assert len(events(stream)) == 6


def test_a_line_is_there_soon_without_anybody_asking() -> None:
    program = (
        "import sys, time\n"
        "from sensorium_core.telemetry.sink import LogSink\n"
        "LogSink(sys.stderr).info({'event': 'alone', 'odd': object})\n"
        "sys.stdin.readline()\n"
        "import os; os._exit(0)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert json.loads(process.stderr.readline())["event"] == "alone"
        process.communicate("\n", timeout=10)


def test_what_waits_is_written_when_the_process_ends() -> None:
    program = (
        "import sys\nfrom sensorium_core.telemetry.sink import LogSink\nLogSink(sys.stderr).info({'event': 'last'})\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stderr)["event"] == "last"


class Full(io.StringIO):
    """A file on a disk that is full for a while."""

    full = True

    def write(self, text: str) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(text)


def test_a_stream_that_cannot_be_written_fails_nobody_and_is_told() -> None:
    stream = Full()
    sink = LogSink(stream)
    for number in range(3):
        sink.error({"event": f"lost {number}"})
    stream.full = False
    sink.error({"event": "after"})
    sink.error({"event": "later"})
    lost = {"event": "log lines lost", "level": "warning", "lines": 3}
    assert [json.loads(line) for line in stream.getvalue().splitlines()] == [
        lost,
        {"event": "after"},
        {"event": "later"},
    ]


def test_the_thread_outlives_a_stream_that_cannot_be_written() -> None:
    stream = Full()
    sink = LogSink(stream)
    sink.info({"event": "lost"})
    wait_for(lambda: sink.lost)
    stream.full = False
    sink.info({"event": "after"})
    wait_for(lambda: "after" in stream.getvalue())
