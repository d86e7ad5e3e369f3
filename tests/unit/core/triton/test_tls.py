"""The way to a Triton that asks for certificates, and what happens to calls when they change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensorium_core import peers
from sensorium_core.peers import ClientTls
from sensorium_core.reload import Reloaded
from sensorium_core.security.development import DevelopmentCA, Leaf
from sensorium_core.security.tls import TlsFiles, TlsMaterial, follow, server_credentials
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import TritonClient, TritonUnavailableError
from unit.core.support import sample, until
from unit.core.triton.scripted import Held, ScriptedTriton, serving_triton

X = {"x": np.array([[1, 2, 3]], np.int16)}


@dataclass
class Ends:
    """Certificates of both ends, in files of a CA."""

    ca: DevelopmentCA

    def files(self, name: str) -> TlsFiles:
        issued = self.ca.issue(Leaf(name))
        return TlsFiles(issued.certificate, issued.key, self.ca.certificate_file)

    def follow(self, name: str, metrics: Metrics) -> Reloaded[TlsMaterial]:
        return follow(name, self.files(name), metrics)


@pytest.fixture
def ends(tmp_path: Path) -> Ends:
    return Ends(DevelopmentCA(tmp_path / "ca"))


@asynccontextmanager
async def secured(
    triton: ScriptedTriton, ends: Ends, metrics: Metrics
) -> AsyncIterator[tuple[TritonClient, Reloaded[TlsMaterial]]]:
    """A client of a Triton with mutual TLS, both ends following their files; the second value is Triton's end."""
    server, client = ends.follow("triton", metrics), ends.follow("client", metrics)
    async with (
        serving_triton(triton, credentials=server_credentials(server)) as port,
        TritonClient(f"127.0.0.1:{port}", ClientTls(client, interval=0.005)) as connected,
    ):
        yield connected, server


async def test_a_certificate_opens_the_way_and_its_absence_does_not(ends: Ends, metrics: Metrics) -> None:
    async with secured(ScriptedTriton(), ends, metrics) as (client, _):
        result = await client.infer("doubler", X, ["y"], timeout=5)
        np.testing.assert_array_equal(result.outputs["y"], X["x"] * 2)
        async with TritonClient(client.address) as plain:
            with pytest.raises(TritonUnavailableError):
                await plain.infer("doubler", X, ["y"], timeout=2)


async def test_a_server_by_another_name_is_not_believed_unless_the_settings_say_so(
    ends: Ends, metrics: Metrics
) -> None:
    triton, server = ScriptedTriton(), ends.follow("triton", metrics)
    client = ends.follow("client", metrics)
    async with serving_triton(triton, credentials=server_credentials(server)) as port:
        for name, believed in (("elsewhere", False), ("triton", True)):
            async with TritonClient(f"127.0.0.1:{port}", ClientTls(client, server_name=name)) as connected:
                assert await connected.server_ready(2) is believed


async def test_new_calls_use_the_new_certificate_while_old_ones_finish(ends: Ends, metrics: Metrics) -> None:
    triton = ScriptedTriton()
    held = triton.infer = Held()
    async with secured(triton, ends, metrics) as (client, server):
        task = asyncio.create_task(client.infer("doubler", X, ["y"], timeout=30))
        await held.reached.wait()
        _withdraw(ends)
        await _reloaded(metrics, 1)
        assert server.look()  # from now on Triton takes certificates of the new CA only
        await _on_another_connection(client, triton)
        assert not task.done()
        held.go.set()
        np.testing.assert_array_equal((await task).outputs["y"], X["x"] * 2)


async def test_a_certificate_that_the_server_refuses_does_not_end_the_connection_that_works(
    ends: Ends, metrics: Metrics, logs: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers, "_WORTH_A_WORD", 0.01)
    triton = ScriptedTriton()
    async with secured(triton, ends, metrics) as (client, server):
        assert await client.server_ready(5)
        _withdraw(ends)
        await until(lambda: "no connection with the new certificate yet" in str(logs))
        np.testing.assert_array_equal((await client.infer("doubler", X, ["y"], timeout=5)).outputs["y"], X["x"] * 2)
        server.look()
        await _on_another_connection(client, triton)


async def test_rotations_of_both_ends_under_load_drop_nothing(ends: Ends, metrics: Metrics) -> None:
    rotations, answered, over = 30, 0, asyncio.Event()

    async def ask(client: TritonClient) -> None:
        nonlocal answered
        while not over.is_set():
            result = await client.infer("doubler", X, ["y"], timeout=20)  # an error ends the test
            np.testing.assert_array_equal(result.outputs["y"], X["x"] * 2)
            answered += 1

    async with secured(ScriptedTriton(), ends, metrics) as (client, server), asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(ask(client))
        for number in range(1, rotations + 1):
            await asyncio.to_thread(_renew, ends)
            await asyncio.to_thread(server.look)
            await _reloaded(metrics, number)
        over.set()
    assert server.generation == rotations + 1
    assert answered >= rotations


async def _reloaded(metrics: Metrics, times: int) -> None:
    await until(lambda: sample(metrics, "sensorium_reloads_total", what="client") >= times, 20)


async def _on_another_connection(client: TritonClient, triton: ScriptedTriton) -> None:
    """Returns when calls come by a connection that was not there before; each of them succeeds."""
    before = len(triton.peers)
    async with asyncio.timeout(10):
        while len(triton.peers) == before:
            assert await client.server_ready(5)


def _renew(ends: Ends) -> None:
    """Makes new certificates of the same CA in the same files."""
    for name in ("triton", "client"):
        (ends.ca.folder / f"{name}.crt").unlink()
        ends.ca.issue(Leaf(name))


def _withdraw(ends: Ends) -> None:
    """Makes a new CA and certificates of it in the same files."""
    (ends.ca.folder / "ca.key").unlink()
    ends.ca = DevelopmentCA(ends.ca.folder)
    for name in ("triton", "client"):
        ends.ca.issue(Leaf(name))
