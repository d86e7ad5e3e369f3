"""`sensorium up`, `down` and `status` over stand-ins for Triton and the services."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sensorium_client.stack.settings import StackSettings, VisionSettings
from unit.stack.standins import Stack, command, health_server, is_alive, pid_in, server, wait_for

SERVING = {service.name: health_server(service, "SERVING") for service in StackSettings().services}
NOT_SERVING = health_server(VisionSettings(), "NOT_SERVING")
DYING = command("import sys; sys.exit('no picture decoder')")

MakeStack = Callable[..., Stack]


@pytest.fixture
def make_stack(tmp_path: Path) -> Iterator[MakeStack]:
    stacks: list[Stack] = []

    def make(vision: str = SERVING["vision"], **settings: str) -> Stack:
        processes = {"triton": server(tmp_path / "triton.pid"), **SERVING, "vision": vision}
        stacks.append(Stack(tmp_path, processes, **settings))
        return stacks[-1]

    yield make
    for stack in stacks:
        stack.end()


def test_it_serves_says_where_and_stops_when_told(make_stack: MakeStack, tmp_path: Path) -> None:
    stack = make_stack()
    up = stack.up()
    wait_for(lambda: "Ctrl-C stops" in stack.output.read_text())
    assert stack.serves()
    printed = stack.output.read_text()
    assert stack.environment["SENSORIUM_VISION_LISTEN"] in printed
    assert f"http://127.0.0.1:{stack.environment['SENSORIUM_VISION_METRICS_PORT']}/metrics" in printed
    up.terminate()
    assert up.wait(10) == 0
    assert stack.last_line == "sensorium: stopped"
    assert not is_alive(pid_in(tmp_path / "triton.pid"))
    assert not (tmp_path / "run" / "stack.json").exists()


def test_a_taken_port_is_named_with_its_holder_and_its_setting(make_stack: MakeStack, tmp_path: Path) -> None:
    stack = make_stack()
    port = int(stack.environment["SENSORIUM_VISION_LISTEN"].rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        assert stack.up().wait(10) == 1
    line = stack.last_line
    assert f"port {port}, which vision needs for its gRPC, is taken" in line
    assert f"process {os.getpid()}" in line
    assert "set SENSORIUM_VISION_LISTEN to move it" in line
    assert not (tmp_path / "triton.pid").exists()


def test_a_service_that_dies_is_the_last_line(make_stack: MakeStack) -> None:
    stack = make_stack(DYING)
    assert stack.up().wait(15) == 1
    assert stack.last_line == "sensorium: vision stopped with exit code 1: no picture decoder"


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (signal.SIGKILL, "vision | vision was ended by signal SIGKILL; starting it again"),
        (signal.SIGSTOP, "vision has not answered for 2 s and is killed"),
    ],
    ids=["killed", "stopped"],
)
def test_a_service_that_has_served_is_started_again(
    make_stack: MakeStack, tmp_path: Path, harm: signal.Signals, said: str
) -> None:
    stack = make_stack(SENSORIUM_STACK_SILENCE_LIMIT="2")
    up = stack.up()
    wait_for(lambda: "Ctrl-C stops" in stack.output.read_text())
    first = pid_in(tmp_path / "vision.pid")
    os.kill(first, harm)
    wait_for(lambda: said in stack.output.read_text(), 20)
    wait_for(lambda: stack.run("status").returncode == 0, 20)
    second = pid_in(tmp_path / "vision.pid")
    assert second != first
    assert up.poll() is None
    up.terminate()
    assert up.wait(10) == 0
    assert not is_alive(second)


def test_a_service_that_does_not_get_healthy_in_time_ends_it(make_stack: MakeStack) -> None:
    stack = make_stack(NOT_SERVING, SENSORIUM_STACK_START_TIMEOUT="1.5")
    assert stack.up().wait(20) == 1
    assert stack.last_line.startswith("sensorium: vision is NOT_SERVING after 2 s; see ")
    assert str(stack.folder / "logs" / "vision.log") in stack.last_line


def test_down_stops_it_from_elsewhere(make_stack: MakeStack) -> None:
    stack = make_stack()
    up = stack.up()
    wait_for(stack.serves)
    down = stack.run("down")
    assert (down.returncode, down.stdout) == (0, "stopped\n")
    assert up.wait(1) == 0


def test_down_is_content_when_none_runs_and_removes_what_a_dead_one_left(make_stack: MakeStack, tmp_path: Path) -> None:
    stack = make_stack()
    up = stack.up()
    wait_for(stack.serves)
    state = tmp_path / "run" / "stack.json"
    up.send_signal(signal.SIGKILL)
    up.wait()
    assert state.exists()
    wait_for(lambda: not is_alive(pid_in(tmp_path / "triton.pid")))
    # Its process id may be anybody's by now.
    state.write_text(json.dumps({**json.loads(state.read_text()), "pid": os.getpid()}))
    wait_for(lambda: stack.run("down").stdout == "no stack runs here\n")
    assert not state.exists()


def test_a_second_one_is_refused(make_stack: MakeStack, tmp_path: Path) -> None:
    stack = make_stack()
    up = stack.up()
    wait_for(stack.serves)
    same_ports = stack.run("up")
    assert same_ports.returncode == 1
    assert f"A stack runs here already (process {up.pid}); `sensorium down` stops it" in same_ports.stdout
    other_ports = Stack(tmp_path, SERVING).run("up")
    assert other_ports.returncode == 1
    assert f"sensorium: a stack runs here already (process {up.pid})" in other_ports.stdout
    assert up.poll() is None


def test_it_starts_again_after_a_stop(make_stack: MakeStack) -> None:
    stack = make_stack()
    for _ in range(2):
        up = stack.up()
        wait_for(stack.serves)
        up.terminate()
        assert up.wait(10) == 0


def test_status_is_zero_only_while_everything_serves(make_stack: MakeStack) -> None:
    stack = make_stack()
    assert stack.run("status").returncode == 1
    stack.up()
    wait_for(stack.serves)
    table = stack.run("status")
    assert table.returncode == 0
    assert "SERVING" in table.stdout
    document = json.loads(stack.run("status", "--json").stdout)
    assert document["serving"] is True
    assert [service["name"] for service in document["services"]] == [*SERVING]


def test_a_setting_that_cannot_be_is_named(make_stack: MakeStack) -> None:
    stack = make_stack(SENSORIUM_TRITON_GRPC_PORT="eight")
    assert stack.up().wait(10) == 1
    assert "SENSORIUM_TRITON_GRPC_PORT='eight'" in stack.last_line


def test_elsewhere_than_in_a_checkout_it_says_so(make_stack: MakeStack, tmp_path: Path) -> None:
    stack = make_stack()
    (tmp_path / "Procfile").unlink()
    assert stack.up().wait(10) == 1
    assert "there is no Procfile here" in stack.last_line
