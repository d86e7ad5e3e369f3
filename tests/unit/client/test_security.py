"""Certificates, tokens and keys of clients: what is sent, what is refused, and what happens when files are replaced."""

# ruff: noqa: N802 - methods bear the names of the RPCs

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium.vision.v1 import vision_service_pb2_grpc
from sensorium_client import InvalidInputError, Security, UnavailableError, VisionClient
from sensorium_client import _links as links
from sensorium_core.security.development import DevelopmentCA, Leaf
from unit.client.driver import Driver, Loop
from unit.client.scripted import Script, ScriptedVision

NOWHERE = "127.0.0.1:1"


class Watching(ScriptedVision):
    """Notes the metadata and the peers of calls."""

    def __init__(self, script: Script) -> None:
        super().__init__(script)
        self.metadata: list[dict[str, Any]] = []
        self.peers: list[str] = []

    async def ListModels(self, request: Any, context: Any) -> Any:
        self.metadata.append(dict(context.invocation_metadata()))
        self.peers.append(context.peer())
        return pb.ListModelsResponse()


@pytest.fixture
def ca(tmp_path: Path) -> DevelopmentCA:
    return DevelopmentCA(tmp_path / "ca")


@pytest.fixture
def watching() -> Watching:
    return Watching(Script())


@pytest.fixture
def secured(loop: Loop, watching: Watching, ca: DevelopmentCA) -> Iterator[str]:
    """A server that asks for certificates of the CA; its address."""
    issued = ca.issue(Leaf("vision"))
    pair = issued.key.read_bytes(), issued.certificate.read_bytes()
    credentials = grpc.ssl_server_credentials([pair], ca.certificate_file.read_bytes(), require_client_auth=True)
    with contextlib.ExitStack() as stack:

        async def start() -> tuple[grpc.aio.Server, int]:
            server = grpc.aio.server()
            vision_service_pb2_grpc.add_VisionServiceServicer_to_server(watching, server)
            port = server.add_secure_port("127.0.0.1:0", credentials)
            await server.start()
            return server, port

        server, port = loop.run(start())
        stack.callback(lambda: loop.run(server.stop(None)))
        yield f"127.0.0.1:{port}"


def papers(ca: DevelopmentCA, **more: Any) -> Security:
    issued = ca.issue(Leaf("client"))
    return Security(ca.certificate_file, issued.certificate, issued.key, **more)


def test_a_certificate_gets_a_client_in(unconnected: Driver, secured: str, ca: DevelopmentCA) -> None:
    assert unconnected.connect(secured, security=papers(ca)).call("list_models") == ()


def test_without_one_it_stays_outside(unconnected: Driver, secured: str, ca: DevelopmentCA, watching: Watching) -> None:
    client = unconnected.connect(secured, security=Security(ca.certificate_file))
    with pytest.raises(UnavailableError):
        client.call("list_models")
    assert watching.metadata == []


def test_new_certificates_are_used_by_new_calls(
    unconnected: Driver, secured: str, ca: DevelopmentCA, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "_LOOK_EVERY", 0.0)
    client = unconnected.connect(secured, security=papers(ca))
    for _ in range(2):
        client.call("list_models")
    (ca.folder / "client.crt").unlink()
    client.call("list_models")  # half of the rotation: the connection that is there goes on
    papers(ca)
    for _ in range(2):
        client.call("list_models")
    assert len(watching.peers) == 5
    assert [len(set(watching.peers[:3])), len(set(watching.peers))] == [1, 2]


@pytest.mark.parametrize("kind", ["token", "api_key"])
def test_a_proof_goes_with_every_call(
    unconnected: Driver, secured: str, ca: DevelopmentCA, watching: Watching, kind: str
) -> None:
    key, value = {"token": ("authorization", "Bearer x"), "api_key": ("x-api-key", "x")}[kind]
    client = unconnected.connect(secured, security=papers(ca, **{kind: "x"}), metadata=[("x-own", "1")])
    client.call("list_models")
    client.call("list_models")
    assert [(call[key], call["x-own"]) for call in watching.metadata] == [(value, "1")] * 2


def test_a_token_file_is_read_anew_for_each_call(
    unconnected: Driver, secured: str, ca: DevelopmentCA, watching: Watching, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    client = unconnected.connect(secured, security=papers(ca, token_file=file))
    for token in ("first", "second"):
        file.write_text(f"{token}\n")
        client.call("list_models")
    assert [call["authorization"] for call in watching.metadata] == ["Bearer first", "Bearer second"]
    file.unlink()
    with pytest.raises(InvalidInputError, match="token: No such file"):
        client.call("list_models")


def test_the_environment_speaks_where_nobody_else_does(
    unconnected: Driver, secured: str, ca: DevelopmentCA, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = ca.issue(Leaf("client"))
    monkeypatch.setenv("SENSORIUM_CA", str(ca.certificate_file))
    monkeypatch.setenv("SENSORIUM_CERTIFICATE", str(issued.certificate))
    monkeypatch.setenv("SENSORIUM_KEY", str(issued.key))
    monkeypatch.setenv("SENSORIUM_API_KEY", "sns_1_2")
    unconnected.connect(secured).call("list_models")
    assert watching.metadata[0]["x-api-key"] == "sns_1_2"


@pytest.mark.parametrize("address", ["10.0.0.7:50051", "vision.plant:50051", f"{NOWHERE},10.0.0.7:1"])
@pytest.mark.parametrize("given", [{"token": "a.b.c"}, {"api_key": "sns_1_2"}, {"token_file": Path("token")}])
def test_a_proof_never_travels_in_plain_text(address: str, given: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match=r"would travel over the network without TLS"):
        VisionClient(address, security=Security(**given))
    VisionClient(address, security=Security(**given, allow_plaintext=True))
    VisionClient(address, security=Security(Path("ca"), **given))
    VisionClient(NOWHERE, security=Security(**given))
    VisionClient(address, security=Security())


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"ca": Path("ca"), "certificate": Path("c")}, "belong together"),
        ({"ca": Path("ca"), "key": Path("k")}, "belong together"),
        ({"certificate": Path("c"), "key": Path("k")}, "name the CA"),
        ({"token": "a", "api_key": "b"}, "one proof of identity"),
        ({"token": "a", "token_file": Path("b")}, "one proof of identity"),
    ],
)
def test_what_does_not_fit_together_is_refused(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidInputError, match=problem):
        Security(**given)


def test_a_missing_file_is_named_by_the_first_call(unconnected: Driver, tmp_path: Path) -> None:
    client = unconnected.connect(NOWHERE, security=Security(tmp_path / "gone"))
    with pytest.raises(InvalidInputError, match="gone: No such file"):
        client.call("list_models")
