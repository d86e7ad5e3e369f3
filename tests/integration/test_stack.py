"""`sensorium up` with the real Triton, the real models and the real service, on ports of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.stack import descendants
from sensorium.text.v1 import text_service_pb2
from sensorium.vision.v1 import vision_service_pb2
from sensorium_client.stack.ports import port_problem
from sensorium_client.stack.settings import StackSettings
from sensorium_client.stack.state import find
from sensorium_client.stack.temporary import spare_environment
from unit.stack.standins import is_alive, wait_for

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
SENSORIUM = (sys.executable, "-c", "from sensorium_client.cli import main; main()")
START_SECONDS = 60.0
SHARED_MEMORY = Path("/dev/shm")


class RealStack:
    """`sensorium up` as a process, and what belongs to it."""

    def __init__(self, folder: Path) -> None:
        self.environment = spare_environment(StackSettings(), folder)
        self.output = folder / "output"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [*SENSORIUM, "up"], cwd=ROOT, env=self.environment, stdout=output, stderr=subprocess.STDOUT
            )

    @property
    def printed(self) -> str:
        return self.output.read_text()

    def wait_until_greeted(self) -> None:
        wait_for(lambda: "Ctrl-C stops" in self.printed or self.process.poll() is not None, START_SECONDS)
        assert self.process.poll() is None, self.printed

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*SENSORIUM, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=350,
        )

    def ports_are_free(self, monkeypatch: pytest.MonkeyPatch) -> bool:
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)
        return port_problem(StackSettings.load().listeners()) is None


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[RealStack]:
    stack = RealStack(tmp_path)
    yield stack
    stack.process.terminate()
    stack.process.wait(20)


def shared_memory() -> set[str]:
    return {path.name for path in SHARED_MEMORY.iterdir()}


def belonging_to(pids: list[int]) -> set[str]:
    """Triton's shared memory that one of these processes has named: sensorium-<launcher's process id>-…"""
    prefixes = tuple(f"sensorium-{pid}-" for pid in pids)
    return {name for name in shared_memory() if name.startswith(prefixes)}


def test_it_greets_answers_and_leaves_nothing_behind(stack: RealStack, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.wait_until_greeted()
    assert "espresso" in stack.printed
    assert "SN 2024-00871 MOTOR 7.5kW 1450rpm" in stack.printed
    assert "https://plant.example/asset/2024-00871" in stack.printed
    assert "Ever tried, ever failed, no matter" in stack.printed
    assert re.search(r"try again +\d+%", stack.printed)
    assert "hydraulic oil leaks at the boom cylinder" in stack.printed
    assert "[PERSON_NAME] ([PHONE_NUMBER]) replaced the seal of P-101A" in stack.printed
    assert "failed:" not in stack.printed
    assert stack.ask("status").returncode == 0

    pids = [*descendants(stack.process.pid)]
    assert len(pids) > 4
    assert belonging_to(pids)
    start = time.monotonic()
    stack.process.send_signal(signal.SIGINT)
    assert stack.process.wait(10) == 0
    assert time.monotonic() - start < 10
    assert stack.printed.splitlines()[-1] == "sensorium: stopped"
    assert not [pid for pid in pids if is_alive(pid)]
    assert not belonging_to(pids)
    assert stack.ports_are_free(monkeypatch)
    assert stack.ask("status").returncode == 1


@pytest.mark.timeout(400)  # it reads thousands of work orders
def test_the_demo_shows_every_method(stack: RealStack, tmp_path: Path) -> None:
    stack.wait_until_greeted()
    demo = stack.ask("demo", "--out", str(tmp_path / "demo"))
    assert demo.returncode == 0, demo.stdout
    shown = " ".join(demo.stdout.split())
    services = (vision_service_pb2.DESCRIPTOR.services_by_name, text_service_pb2.DESCRIPTOR.services_by_name)
    for method in (method.name for (service,) in (each.values() for each in services) for method in service.methods):
        assert f"\n{method} " in demo.stdout
    for method in (
        "Recognize",
        "RecognizeCommands",
        "DetectSpeech",
        "StreamingRecognize",
        "StreamingRecognizeCommands",
    ):
        assert f"\n{method} " in demo.stdout
    assert "the same words as the stream" in shown
    assert "created, 6 commands heard" in shown
    assert re.search(r"1\.(6|7)\d best", shown)  # an HMM recogniser finds it at 1.69
    names = {path.name for path in (tmp_path / "demo").iterdir()}
    assert {"classify-coffee.png", "read-text-nameplate-chinese.json", "annotate-part-label.png"} <= names
    assert {"speech-recognize-two_cities.json", "speech-recognize-two_cities.srt"} <= names
    report = json.loads((tmp_path / "demo" / "text-report.json").read_text())
    assert report["orders"] == 5485
    assert sum(row["orders"] for row in report["classes"]) == 5485
    assert report["held_out_right"] >= 0.97 * report["held_out"]
    assert report["restored"]
    assert "<h2>Seen before?</h2>" in (tmp_path / "demo" / "text-report.html").read_text()
    down = stack.ask("down")
    assert (down.returncode, down.stdout) == (0, "stopped\n")
    assert stack.process.wait(1) == 0


def test_kill_9_leaves_nothing_behind_and_a_new_start_works(
    stack: RealStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.wait_until_greeted()
    pids = [*descendants(stack.process.pid)]
    stack.process.kill()
    stack.process.wait()
    wait_for(lambda: not [pid for pid in pids if is_alive(pid)], 15)
    assert not belonging_to(pids)
    assert stack.ports_are_free(monkeypatch)
    wait_for(lambda: find(tmp_path / "run") is None, 1)

    again = RealStack(tmp_path)
    try:
        again.wait_until_greeted()
    finally:
        again.process.terminate()
        assert again.process.wait(10) == 0


def test_a_triton_and_a_service_that_are_killed_are_replaced(stack: RealStack) -> None:
    stack.wait_until_greeted()
    for words in ("bin/tritonserver", "sensorium_text"):
        [victim] = [pid for pid in descendants(stack.process.pid) if words in command_line(pid)]
        os.kill(victim, signal.SIGKILL)
    wait_for(lambda: "Triton was killed by SIGKILL; restarting it" in stack.printed, 20)
    wait_for(lambda: "text was ended by signal SIGKILL; starting it again" in stack.printed, 20)
    wait_for(lambda: stack.ask("status").returncode == 0, 60)
    assert stack.process.poll() is None


def command_line(pid: int) -> str:
    """Program and arguments, but none of Triton's, which name what it serves."""
    program, *arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    return " ".join([program, *arguments[:2]]) if "python" in program else program
