"""TLS on the listeners: who gets in, and certificates that change while calls run."""

from __future__ import annotations

import asyncio
import datetime
import os
import socket
import threading
import time
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from sensorium_core.reload import ConfigurationError
from sensorium_core.security.development import DevelopmentCA, Issued, Leaf
from sensorium_core.security.tls import TlsFiles, TlsMaterial, follow, is_loopback
from sensorium_core.telemetry import Metrics, endpoint
from unit.core.security.conftest import StartSecured
from unit.core.security.secured import credentials, https
from unit.core.support import Context, Echo, Gate, failure_of, sample, until

UNAVAILABLE = grpc.StatusCode.UNAVAILABLE


@pytest.fixture
def gate(echo: Echo) -> Gate:
    """Where a call that says `held` waits."""
    gate = Gate()

    async def hold(request: StringValue, context: Context) -> StringValue:
        if request.value == "held":
            await gate()
        return request

    echo.Unary = hold  # type: ignore[method-assign]
    return gate


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:50051", "127.9.9.9", "localhost:1", "[::1]:50051", "::1", "unix:/run/x.sock", "unix:///run/x.sock"],
)
def test_these_are_reached_from_this_machine_only(address: str) -> None:
    assert is_loopback(address)


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0:1", "[::]:50051", ":50051", "", "10.0.0.7:1", "vision:50051", "localhost.evil.example:1", "127:1"],
)
def test_these_are_not(address: str) -> None:
    assert not is_loopback(address)


async def test_a_caller_with_a_certificate_gets_in_and_nobody_else(
    start: StartSecured, tls: dict[str, Any], ca: DevelopmentCA, client_files: Issued, tmp_path: Path
) -> None:
    other = DevelopmentCA(tmp_path / "other")
    stranger = other.issue(Leaf("cell-7"))
    async with start(**tls) as server:
        async with server.call(credentials(ca, client_files)) as caller:
            assert await caller.call("Unary", "a") == "a"
        ours = {"ca": ca.certificate_file}
        papers = {"ca": ca.certificate_file, "certificate": stranger.certificate, "key": stranger.key}
        health = "/grpc.health.v1.Health/Check"
        attempts: list[dict[str, Any]] = [{}, {"tls": ours}, {"tls": papers}, {"method": health, "tls": ours}]
        attempts += [{"scrape": True}, {"scrape": True, "tls": ours}, {"scrape": True, "tls": papers}]
        assert await server.attack(attempts) == ["UNAVAILABLE"] * 4 + ["NO CONNECTION"] * 3
        assert (await server.scrape(https(ca, client_files)))[0] == 200


async def test_a_server_of_another_ca_is_not_believed(
    start: StartSecured, tls: dict[str, Any], client_files: Issued, tmp_path: Path
) -> None:
    other = DevelopmentCA(tmp_path / "other")
    async with start(**tls) as server, server.call(credentials(other, client_files)) as caller:
        assert (await failure_of(caller.start("Unary"))).code is UNAVAILABLE


async def test_without_a_client_ca_every_caller_that_speaks_tls_is_served(
    start: StartSecured, tls: dict[str, Any], ca: DevelopmentCA
) -> None:
    async with start(**{**tls, "tls_client_ca": None, "policy": None}) as server:
        async with server.call(credentials(ca)) as caller:
            assert await caller.call("Unary", "a") == "a"
        assert (await server.scrape(https(ca)))[0] == 200
        assert await server.attack([{}, {"scrape": True}]) == ["UNAVAILABLE", "NO CONNECTION"]


async def test_new_connections_see_the_new_certificate_and_calls_on_old_ones_go_on(
    start: StartSecured, tls: dict[str, Any], ca: DevelopmentCA, client_files: Issued, gate: Gate
) -> None:
    new_ca = DevelopmentCA(ca.folder / "new")
    new_client = new_ca.issue(Leaf("cell-7"))
    async with start(**tls) as server, server.call(credentials(ca, client_files)) as old:
        held = asyncio.ensure_future(old.call("Unary", "held"))
        await gate.reached()
        replace(new_ca, tls)
        await until(lambda: sample(server.metrics, "sensorium_reloads_total", what="listener") >= 1)
        gate.open.set()
        assert await held == "held"
        assert await old.call("Unary", "on the old connection") == "on the old connection"
        async with server.call(credentials(new_ca, new_client)) as new:
            assert await new.call("Unary", "new") == "new"
        async with server.call(credentials(ca, client_files)) as late:
            assert (await failure_of(late.start("Unary"))).code is UNAVAILABLE
        await until(lambda: sample(server.metrics, "sensorium_reloads_total", what="metrics_listener") >= 1)
        assert (await server.scrape(https(new_ca, new_client)))[0] == 200
        assert (await server.scrape(https(ca, client_files)))[0] == 0


async def test_a_broken_certificate_leaves_the_old_one_in_use_and_says_so(
    start: StartSecured, tls: dict[str, Any], ca: DevelopmentCA, client_files: Issued, logs: list[Any]
) -> None:
    async with start(**tls) as server:
        tls["tls_certificate"].write_text("no certificate")
        await until(lambda: sample(server.metrics, "sensorium_reload_failing", what="listener") == 1)
        async with server.call(credentials(ca, client_files)) as caller:
            assert await caller.call("Unary", "a") == "a"
    problems = [entry["problem"] for entry in logs if entry["log_level"] == "error" and entry.get("what") == "listener"]
    assert problems == [f"{tls['tls_certificate']}: no certificate in PEM form"]


async def test_a_connection_is_made_anew_when_it_has_reached_its_age_and_no_call_is_lost(
    start: StartSecured, tls: dict[str, Any], ca: DevelopmentCA, client_files: Issued, echo: Echo
) -> None:
    peers = set()

    async def peer(request: StringValue, context: Context) -> StringValue:
        peers.add(context.peer())
        return request

    echo.Unary = peer  # type: ignore[method-assign]
    papers = credentials(ca, client_files)
    async with start(**tls, connection_age=0.1) as server, server.call(papers, retries=True) as caller:
        async with asyncio.timeout(20):
            while len(peers) < 3:
                assert await caller.call("Unary", "a") == "a"


async def test_a_silent_connection_does_not_hold_up_the_metrics(
    start: StartSecured, tls: dict[str, Any], ca: DevelopmentCA, client_files: Issued
) -> None:
    async with start(**tls) as server:
        silent = [socket.create_connection(("127.0.0.1", server.metrics_port)) for _ in range(8)]
        assert (await server.scrape(https(ca, client_files)))[0] == 200
        silent += [socket.create_connection(("127.0.0.1", server.metrics_port)) for _ in range(8)]
        assert (await server.scrape(https(ca, client_files)))[0] == 0  # all places are taken
        for connection in silent:
            connection.close()
        async with asyncio.timeout(5):
            while (await server.scrape(https(ca, client_files)))[0] != 200:
                pass


def test_a_connection_that_says_a_letter_now_and_then_does_not_keep_its_place(
    metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint._Server, "longest_connection", 0.2)
    server = endpoint.MetricsServer(metrics.registry, "127.0.0.1", 0)
    ended = threading.Event()
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        for letter in "GET /" + "a" * 2000:
            try:
                connection.sendall(letter.encode())
            except OSError:
                ended.set()
                break
            time.sleep(0.01)  # slowly, which is the point
    assert ended.is_set()
    server.close()


def test_the_key_must_be_the_certificates(ca: DevelopmentCA, server_files: Issued, client_files: Issued) -> None:
    with pytest.raises(ConfigurationError, match=r"cell-7\.key is not the key of .*echo\.crt"):
        TlsMaterial.read(TlsFiles(server_files.certificate, client_files.key))


def test_an_expired_certificate_is_refused(tmp_path: Path) -> None:
    past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=91)
    issued = DevelopmentCA(tmp_path, lambda: past).issue(Leaf("old"))
    with pytest.raises(ConfigurationError, match=r"old\.crt: expired on "):
        TlsMaterial.read(TlsFiles(issued.certificate, issued.key))


@pytest.mark.parametrize("part", ["certificate", "key", "ca"])
def test_a_missing_file_is_named(tmp_path: Path, ca: DevelopmentCA, server_files: Issued, part: str) -> None:
    files = {"certificate": server_files.certificate, "key": server_files.key, "ca": ca.certificate_file}
    with pytest.raises(ConfigurationError, match=r"gone: No such file"):
        TlsMaterial.read(TlsFiles(**{**files, part: tmp_path / "gone"}))


def test_a_key_that_everybody_can_read_is_warned_of(server_files: Issued, metrics: Metrics, logs: list[Any]) -> None:
    follow("listener", TlsFiles(server_files.certificate, server_files.key), metrics)
    assert logs == []
    server_files.key.chmod(0o644)
    follow("listener", TlsFiles(server_files.certificate, server_files.key), metrics)
    assert [entry["log_level"] for entry in logs] == ["warning"]


def test_the_end_of_a_certificate_is_a_metric(server_files: Issued, metrics: Metrics) -> None:
    material = follow("listener", TlsFiles(server_files.certificate, server_files.key), metrics).value
    end = sample(metrics, "sensorium_certificate_not_after_timestamp_seconds", what="listener")
    assert material.not_after is not None
    assert end == material.not_after.timestamp()


def replace(new_ca: DevelopmentCA, tls: dict[str, Any]) -> None:
    """Puts a certificate of another CA, its key and that CA where the server looks, one after the other."""
    issued = new_ca.issue(Leaf("echo"))
    for new, old in (
        (issued.key, tls["tls_key"]),
        (issued.certificate, tls["tls_certificate"]),
        (new_ca.certificate_file, tls["tls_client_ca"]),
    ):
        fresh = old.with_name(f"{old.name}.fresh")
        fresh.write_bytes(new.read_bytes())
        os.replace(fresh, old)  # noqa: PTH105 - the same
