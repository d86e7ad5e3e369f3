from __future__ import annotations

import grpc
import pytest

from sensorium_client import HealthStatus, NotFoundError, UnavailableError
from unit.client.driver import Driver, FakeTime, Serve
from unit.client.scripted import Script, health, status


@pytest.mark.parametrize("name", ["SERVING", "NOT_SERVING", "UNKNOWN", "SERVICE_UNKNOWN"])
def test_check(client: Driver, script: Script, name: str) -> None:
    script.health.append(health(name))
    assert client.call("check_health") is HealthStatus[name]
    assert script.requests[0].service == "sensorium.vision.v1.VisionService"


def test_check_of_the_whole_server(client: Driver, script: Script) -> None:
    script.health.append(health("SERVING"))
    client.call("check_health", "")
    assert script.requests[0].service == ""


def test_check_asks_once(client: Driver, script: Script, fake_time: FakeTime) -> None:
    script.health.append(status(grpc.StatusCode.UNAVAILABLE, "down"))
    with pytest.raises(UnavailableError):
        client.call("check_health")
    assert fake_time.sleeps == []


def test_wait(client: Driver, script: Script, fake_time: FakeTime) -> None:
    down = status(grpc.StatusCode.UNAVAILABLE, "starting")
    script.health.extend([down, health("NOT_SERVING"), health("UNKNOWN"), health("SERVING")])
    client.call("wait_until_serving")
    assert len(script.requests) == 4
    assert fake_time.sleeps == pytest.approx([0.05, 0.1, 0.2])


def test_wait_has_an_end(client: Driver, script: Script, fake_time: FakeTime) -> None:
    script.health.extend([health("NOT_SERVING")] * 50)
    with pytest.raises(UnavailableError, match="NOT_SERVING"):
        client.call("wait_until_serving", deadline=3.0)
    assert 2.4 < fake_time.now - 1000 < 3.0


def test_wait_does_not_wait_for_a_service_that_is_not_known(client: Driver, script: Script) -> None:
    script.health.append(status(grpc.StatusCode.NOT_FOUND, "unknown service"))
    with pytest.raises(NotFoundError):
        client.call("wait_until_serving", "x.y")


def test_wait_while_nobody_is_there(unconnected: Driver, serve: Serve, script: Script) -> None:
    unconnected.connect("127.0.0.1:1")
    with pytest.raises(UnavailableError, match="cannot reach the service"):
        unconnected.call("wait_until_serving", deadline=1.0)
