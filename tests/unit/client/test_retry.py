from __future__ import annotations

from typing import Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_client import OverloadedError, RetryPolicy, SensoriumError, UnavailableError
from sensorium_client._errors import ErrorDetails
from sensorium_client._retry import Attempts
from unit.client.driver import Driver, FakeTime, Serve
from unit.client.scripted import Answer, Script, status

FINE = pb.ClassifyResponse(labels=[pb.Label(name="cup")])
DOWN = status(grpc.StatusCode.UNAVAILABLE, "restarting", reason="MODEL_UNAVAILABLE")


def busy(delay: float | None) -> Answer:
    return status(grpc.StatusCode.RESOURCE_EXHAUSTED, "busy", reason="OVERLOADED", retry_delay=delay)


def fails(client: Driver, **kwargs: Any) -> SensoriumError:
    with pytest.raises(SensoriumError) as caught:
        client.call("classify", b"x", **kwargs)
    return caught.value


def test_unavailable_is_retried_with_growing_delays(client: Driver, script: Script, fake_time: FakeTime) -> None:
    script.then(DOWN, DOWN, DOWN, FINE)
    assert client.call("classify", b"x").labels[0].name == "cup"
    assert fake_time.sleeps == pytest.approx([0.1, 0.2, 0.4])


def test_attempts_are_bounded(client: Driver, script: Script, fake_time: FakeTime) -> None:
    script.always = DOWN
    assert isinstance(fails(client), UnavailableError)
    assert len(script.requests) == 4
    assert len(fake_time.sleeps) == 3


def test_the_policy_is_the_callers(unconnected: Driver, serve: Serve, script: Script, fake_time: FakeTime) -> None:
    policy = RetryPolicy(max_attempts=6, first_delay=1.0, multiplier=3.0, max_delay=4.0)
    unconnected.connect(serve(script), retry=policy)
    script.always = DOWN
    fails(unconnected)
    assert fake_time.sleeps == pytest.approx([1.0, 3.0, 4.0, 4.0, 4.0])


@pytest.mark.parametrize("code", [grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE])
def test_the_servers_delay_is_kept(client: Driver, script: Script, fake_time: FakeTime, code: grpc.StatusCode) -> None:
    later = status(code, "later", retry_delay=2.5)
    script.then(later, later, FINE)
    client.call("classify", b"x")
    assert fake_time.sleeps == [2.5, 2.5]


def test_overload_without_a_delay_is_not_retried(client: Driver, script: Script, fake_time: FakeTime) -> None:
    script.then(busy(None))
    assert isinstance(fails(client), OverloadedError)
    assert (len(script.requests), fake_time.sleeps) == (1, [])


@pytest.mark.parametrize(
    "code", sorted(set(grpc.StatusCode) - {grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE}, key=str)
)
def test_nothing_else_is_retried(client: Driver, script: Script, fake_time: FakeTime, code: grpc.StatusCode) -> None:
    script.then(code)
    fails(client)
    assert (len(script.requests), fake_time.sleeps) == (1, [])


def test_a_large_request_is_retried(client: Driver, script: Script) -> None:
    """GRPC's own retries give up above 256 KiB."""
    picture = bytes(range(256)) * 4096
    script.then(DOWN, busy(0.5), FINE)
    client.call("classify", picture)
    assert [request.image.encoded == picture for request in script.requests] == [True] * 3


def test_no_retry_beyond_the_deadline(client: Driver, script: Script, fake_time: FakeTime) -> None:
    script.then(busy(4.0), busy(8.0))
    error = fails(client, deadline=10.0)
    assert isinstance(error, OverloadedError)
    assert error.retry_delay == 8.0
    assert fake_time.sleeps == [4.0]


def test_each_attempt_has_the_time_that_is_left(client: Driver, script: Script) -> None:
    script.then(busy(4.0), busy(3.0), FINE)
    client.call("classify", b"x", deadline=10.0)
    assert script.timeouts == pytest.approx([10.0, 6.0, 3.0], abs=0.9)


@given(
    jitter=st.floats(0, 1),
    chance=st.floats(0, 1, exclude_max=True),
    deadline=st.floats(0.01, 100),
    asked=st.lists(st.one_of(st.none(), st.floats(0, 50)), max_size=8),
    attempts=st.integers(1, 6),
)
def test_delays_stay_within_policy_and_deadline(
    jitter: float, chance: float, deadline: float, asked: list[float | None], attempts: int
) -> None:
    time = FakeTime()
    policy = RetryPolicy(max_attempts=attempts, jitter=jitter)
    made = Attempts(policy, deadline, clock=time.clock, chance=lambda: chance)
    tries = 1
    for delay in asked:
        chosen = made.delay_after(UnavailableError("down", details=ErrorDetails(retry_delay=delay)))
        if chosen is None:
            break
        assert delay is None or delay <= chosen <= delay * (1 + jitter)
        time.sleep(chosen)
        tries += 1
        assert made.remaining() > 0
    assert tries <= attempts
    assert time.now <= 1000 + deadline


def test_many_failures_do_not_overflow() -> None:
    made = Attempts(RetryPolicy(max_attempts=10_000), 1e9)
    assert all(made.delay_after(UnavailableError("down")) for _ in range(3000))
