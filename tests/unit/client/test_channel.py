from __future__ import annotations

import subprocess
import sys

import grpc
import pytest

import sensorium_client
from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium_client import InvalidInputError, VisionClient
from sensorium_client._channel import channel_options, channel_target, split_addresses
from unit.client.driver import Driver, Serve
from unit.client.scripted import Script


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("127.0.0.1:50051", "127.0.0.1:50051"),
        ("vision.plant:50051", "vision.plant:50051"),
        ("dns:///vision:1", "dns:///vision:1"),
        ("127.0.0.1:1, 10.0.0.2:2", "ipv4:127.0.0.1:1,10.0.0.2:2"),
        (["localhost:1", "127.0.0.1:2"], "ipv4:127.0.0.1:1,127.0.0.1:2"),
        ("[::1]:1,[fe80::2]:2", "ipv6:[::1]:1,[fe80::2]:2"),
    ],
)
def test_target(address: str | list[str], target: str) -> None:
    assert channel_target(split_addresses(address)) == target


def test_names_among_several_are_explained() -> None:
    with pytest.raises(InvalidInputError, match="'vision' is a name; several addresses must be IP addresses"):
        VisionClient("vision:1,vision:2")


def test_own_options_win() -> None:
    options = dict(channel_options([("grpc.keepalive_time_ms", 5), ("x", "y")]))
    assert (options["grpc.keepalive_time_ms"], options["x"], options["grpc.enable_retries"]) == (5, "y", 0)


@pytest.mark.parametrize("as_list", [True, False])
def test_round_robin_over_two_servers(unconnected: Driver, serve: Serve, as_list: bool) -> None:
    scripts = [Script(always=pb.ClassifyResponse()), Script(always=pb.ClassifyResponse())]
    addresses = [serve(script) for script in scripts]
    unconnected.connect(addresses if as_list else ",".join(addresses))
    unconnected.call("classify", b"x")
    while not all(script.requests for script in scripts):  # until both connections stand
        unconnected.call("classify", b"x")
    before = [len(script.requests) for script in scripts]
    for _ in range(10):
        unconnected.call("classify", b"x")
    assert [len(script.requests) - count for script, count in zip(scripts, before, strict=True)] == [5, 5]


def test_a_dead_server_is_left_out(unconnected: Driver, serve: Serve, script: Script) -> None:
    script.always = pb.ClassifyResponse()
    unconnected.connect([serve(script), "127.0.0.1:1"])
    for _ in range(6):
        unconnected.call("classify", b"x")
    assert len(script.requests) == 6


def test_credentials_ask_for_tls(unconnected: Driver, serve: Serve, script: Script) -> None:
    unconnected.connect(serve(script), credentials=grpc.ssl_channel_credentials())
    with pytest.raises(Exception, match="cannot reach the service"):
        unconnected.call("classify", b"x")
    assert script.requests == []


def test_importing_the_package_is_cheap() -> None:
    heavy = "grpc numpy cv2 google.protobuf"
    code = f"import sys, sensorium_client.cli; print([name for name in {heavy.split()} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there() -> None:
    assert sorted(sensorium_client._MODULE_OF) == sorted(sensorium_client.__all__)
    for name in sensorium_client.__all__:
        assert getattr(sensorium_client, name) is not None
    assert dir(sensorium_client) == sorted(sensorium_client.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        _ = sensorium_client.nothing
