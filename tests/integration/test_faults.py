"""Processes killed under load, and a service told to stop under load.

Callers see UNAVAILABLE or a right answer, never a wrong one and never a hang; health tells the truth soon; everything
comes back by itself.
"""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import grpc
import numpy as np
import pytest

from integration.conftest import Stack
from integration.observing import in_flight
from integration.waiting import until
from sensorium.type.v1 import image_pb2
from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium.vision.v1.vision_service_pb2_grpc import VisionServiceStub
from sensorium_client.stack import pictures

pytestmark = [pytest.mark.integration, pytest.mark.faults]

COFFEE = pb.ClassifyRequest(image=image_pb2.Image(encoded=pictures.encode(pictures.photograph("coffee"))))
CALLERS = 16


@dataclass
class Load:
    """What callers have seen so far."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    stopped: threading.Event = field(default_factory=threading.Event)

    def call_until_stopped(self, stack: Stack) -> None:
        """One caller's work."""
        with stack.channel("vision") as channel:
            stub = VisionServiceStub(channel)
            while not self.stopped.is_set():
                self._call(stub)

    def _call(self, stub: VisionServiceStub) -> None:
        start = time.monotonic()
        try:
            outcome = stub.Classify(COFFEE, timeout=20).labels[0].name
        except grpc.RpcError as error:
            outcome = str(error.code().name)
            self.stopped.wait(0.05)  # as a caller backs off; a loop without a pause would only measure refusals
        self.outcomes[outcome] += 1
        self.slowest = max(self.slowest, time.monotonic() - start)


@contextmanager
def load(stack: Stack) -> Iterator[Load]:
    """16 callers that classify one photograph all the time."""
    state = Load()
    with ThreadPoolExecutor(CALLERS) as callers:
        futures = [callers.submit(state.call_until_stopped, stack) for _ in range(CALLERS)]
        try:
            until(lambda: state.outcomes["espresso"] > CALLERS, 30)
            yield state
        finally:
            state.stopped.set()
        for future in futures:
            future.result()


def children(pid: int) -> dict[int, str]:
    """Process ids and command lines of all descendants."""
    found: dict[int, str] = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found[child] = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            found |= children(child)
    return found


def pid_of(stack: Stack, *words: str) -> int:
    """The only descendant of the launcher whose command line has the words."""
    launcher = stack.processes["triton"].pid
    (pid,) = [pid for pid, command in children(launcher).items() if all(word in command for word in words)]
    return pid


@pytest.mark.parametrize(
    "victim",
    [("bin/tritonserver", "--model-repository"), ("triton_python_backend_stub", "efficientnet_lite0")],
    ids=["the Triton server", "a model's process"],
)
def test_a_killed_process_is_told_by_health_and_comes_back(own_stack: Stack, victim: tuple[str, ...]) -> None:
    with load(own_stack) as seen:
        os.kill(pid_of(own_stack, *victim), signal.SIGKILL)
        until(lambda: own_stack.health("vision") == "NOT_SERVING", 5, lambda: own_stack.log("vision")[-2000:])
        until(lambda: own_stack.health("vision") == "SERVING", 30, lambda: own_stack.log("triton")[-2000:])
        answered = seen.outcomes["espresso"]
        until(lambda: seen.outcomes["espresso"] > answered + CALLERS, 15)
    assert set(seen.outcomes) <= {"espresso", "UNAVAILABLE"}, seen.outcomes
    assert seen.outcomes["UNAVAILABLE"] > 0
    assert seen.slowest < 15


def test_a_stopped_model_process_is_noticed_and_replaced(own_stack: Stack) -> None:
    with load(own_stack) as seen:
        os.kill(pid_of(own_stack, "triton_python_backend_stub", "efficientnet_lite0"), signal.SIGSTOP)
        until(lambda: own_stack.health("vision") == "NOT_SERVING", 8)
        until(lambda: own_stack.health("vision") == "SERVING", 20)
    assert set(seen.outcomes) <= {"espresso", "UNAVAILABLE"}, seen.outcomes


def test_calls_in_flight_finish_when_the_service_is_told_to_stop(own_stack: Stack) -> None:
    scene = cv2.resize(pictures.photograph("coffee"), (4000, 3000), interpolation=cv2.INTER_CUBIC)
    photograph = pictures.encode(np.asarray(scene, np.uint8))  # a tenth of a second to decode, so that calls wait
    request = pb.ClassifyRequest(image=image_pb2.Image(encoded=photograph))
    with own_stack.channel("vision") as channel:
        stub = VisionServiceStub(channel)
        futures = [stub.Classify.future(request, timeout=60) for _ in range(100)]
        until(lambda: in_flight(own_stack, "vision") > 60, 20)
        own_stack.processes["vision"].send_signal(signal.SIGTERM)
        labels = [future.result().labels[0].name for future in futures]
    assert labels == ["espresso"] * 100
    assert own_stack.processes["vision"].wait(30) == 0


def test_health_says_not_serving_from_the_first_moment_of_a_drain(own_stack: Stack) -> None:
    plate = pictures.encode(pictures.nameplate())
    request = pb.ReadTextRequest(image=image_pb2.Image(encoded=plate))
    with own_stack.channel("vision") as channel:
        stub = VisionServiceStub(channel)
        futures = [stub.ReadText.future(request, timeout=60) for _ in range(8)]
        until(lambda: in_flight(own_stack, "vision") == 8, 20)
        own_stack.processes["vision"].send_signal(signal.SIGTERM)
        until(lambda: own_stack.health("vision") in {"NOT_SERVING", "UNREACHABLE"}, 5)
        assert not all(future.done() for future in futures)
        assert all(future.result().lines for future in futures)
