"""A thousand rotations of a service's certificates, towards its callers and towards Triton, lose no call."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest

from integration.secured import Triton, running_triton, running_vision
from sensorium.type.v1.image_pb2 import Image
from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium.vision.v1 import vision_service_pb2_grpc
from sensorium_client import AsyncVisionClient, RetryPolicy
from sensorium_client.stack import pictures
from sensorium_core.security.development import DevelopmentCA, Issued, Leaf

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

MODEL = "efficientnet_lite0"
ROTATIONS = 1000


class Load:
    """Callers that go on calling until told to stop; any error of any call ends the test."""

    def __init__(self, address: str, credentials: grpc.ChannelCredentials) -> None:
        self.answered = 0
        self.reloads = Counter({"listener": 0, "metrics_listener": 0, "triton": 0})
        self.over = asyncio.Event()
        self._address = address
        self._credentials = credentials
        self._request = pb.ClassifyRequest(image=Image(encoded=pictures.encode(pictures.photograph("coffee"), ".jpg")))

    async def on_one_connection(self) -> None:
        async with self._channel() as channel:
            while not self.over.is_set():
                await self._call(channel)

    async def on_a_connection_each(self) -> None:
        while not self.over.is_set():
            async with self._channel() as channel:
                await self._call(channel)

    def _channel(self) -> grpc.aio.Channel:
        # gRPC's transparent retries stay on, as they are by default: a call that meets the end of its connection was
        # not sent yet, and goes to the next one.
        options = (("grpc.use_local_subchannel_pool", 1),)
        return grpc.aio.secure_channel(self._address, self._credentials, options)

    async def _call(self, channel: grpc.aio.Channel) -> None:
        reply = await vision_service_pb2_grpc.VisionServiceStub(channel).Classify(self._request, timeout=30)
        assert reply.labels
        self.answered += 1


async def test_a_thousand_rotations_under_load_lose_no_call(tmp_path: Path) -> None:
    ca = DevelopmentCA(tmp_path / "ca")
    policy = tmp_path / "policy.toml"
    policy.write_text('[[allow]]\nidentities = ["*"]\nmethods = ["*"]\nmodels = ["*"]\n')
    triton, vision, caller = (ca.issue(Leaf(name)) for name in ("triton", "vision", "caller"))
    root = ca.certificate_file
    triton_tls = {"TLS_CERTIFICATE": triton.certificate, "TLS_KEY": triton.key, "TLS_CA": root}
    with running_triton(tmp_path, MODEL, **triton_tls) as server:
        settings = {
            "TLS_CERTIFICATE": vision.certificate,
            "TLS_KEY": vision.key,
            "TLS_CLIENT_CA": root,
            "POLICY": policy,
            "TRITON_ADDRESS": server.address,
            "TRITON_CERTIFICATE": vision.certificate,
            "TRITON_KEY": vision.key,
            "TRITON_CA": root,
            "RELOAD_INTERVAL": 0.01,
            "CONNECTION_AGE": 1,
        }
        with running_vision(tmp_path, **settings) as address:
            load = Load(address, _credentials(root, caller))
            async with asyncio.TaskGroup() as group:
                for call in (load.on_one_connection, load.on_one_connection, load.on_a_connection_each):
                    group.create_task(call())
                await _rotate(ca, vision, tmp_path / "vision.log", load)
                load.over.set()
    assert load.answered > 100


async def test_while_triton_starts_again_with_a_new_certificate_no_call_of_who_tries_again_is_lost(
    tmp_path: Path,
) -> None:
    ca = DevelopmentCA(tmp_path / "ca")
    own, vision = ca.issue(Leaf("triton")), ca.issue(Leaf("vision"))
    triton_tls = {"TLS_CERTIFICATE": own.certificate, "TLS_KEY": own.key, "TLS_CA": ca.certificate_file}
    towards_triton = {
        "TRITON_CERTIFICATE": vision.certificate,
        "TRITON_KEY": vision.key,
        "TRITON_CA": ca.certificate_file,
    }
    picture = pictures.encode(pictures.photograph("coffee"), ".jpg")
    answered, over = Counter[str](), asyncio.Event()
    patient = RetryPolicy(max_attempts=60)  # until its deadline of 30 s
    with running_triton(tmp_path, MODEL, **triton_tls) as triton:
        before = _shown(triton)

        async def call(client: AsyncVisionClient) -> None:
            while not over.is_set():
                answered[str(_ready(triton))] += len((await client.classify(picture)).labels) > 0

        with running_vision(tmp_path, TRITON_ADDRESS=triton.address, **towards_triton) as address:
            async with AsyncVisionClient(address, retry=patient) as client, asyncio.TaskGroup() as group:
                for _ in range(4):
                    group.create_task(call(client))
                await _until(lambda: answered["1"] > 4)
                own.certificate.unlink()
                ca.issue(Leaf("triton"))
                await _until(lambda: answered["2"] > 4)
                over.set()
        assert _shown(triton) not in (before, None)
        assert "has a new certificate; it starts again to show it" in triton.log.read_text()


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - the condition has no event
        await asyncio.sleep(0.01)


def _ready(triton: Triton) -> int:
    """How often the server has become ready."""
    return triton.log.read_text().count("Triton ready")


def _shown(triton: Triton) -> str | None:
    host, _, port = triton.address.rpartition(":")
    try:
        return ssl.get_server_certificate((host, int(port)), timeout=5)
    except OSError:
        return None


async def _rotate(ca: DevelopmentCA, files: Issued, log: Path, load: Load) -> None:
    """Renews the certificate in its files, each time when the service has taken over the one before."""
    rest = ""
    with log.open() as file:
        for number in range(1, ROTATIONS + 1):
            await asyncio.to_thread(_renew, ca, files)
            async with asyncio.timeout(60):
                while min(load.reloads.values()) < number:
                    *lines, rest = (rest + file.read()).split("\n")  # the last one may not be whole yet
                    load.reloads.update(json.loads(line)["what"] for line in lines if '"reloaded"' in line)
                    await asyncio.sleep(0.005)


def _renew(ca: DevelopmentCA, files: Issued) -> None:
    files.certificate.unlink()
    ca.issue(Leaf("vision"))


def _credentials(root: Path, caller: Issued) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(root.read_bytes(), caller.key.read_bytes(), caller.certificate.read_bytes())
