from __future__ import annotations

import os
from importlib import import_module
from inspect import signature
from typing import Any

import pytest

from sensorium_client.stack.clients import CLIENTS
from sensorium_client.stack.ports import port_problem
from sensorium_client.stack.settings import (
    Listener,
    SpeechSettings,
    StackSettings,
    TextSettings,
    VisionSettings,
    connectable,
)
from sensorium_client.stack.showcases import showcase


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SENSORIUM_")]:
        monkeypatch.delenv(name)


def settings_of(service: str) -> Any:
    """The service's own settings, as its process reads them."""
    return getattr(import_module(f"sensorium_{service}.settings"), f"{service.title()}Settings")()


def test_defaults_are_those_of_the_processes() -> None:
    triton = import_module("sensorium_models.embedded.settings").TritonSettings()
    stack = StackSettings()
    for configured in stack.services:
        service = settings_of(configured.name)
        assert (configured.listen, configured.metrics_host, configured.metrics_port) == (
            service.listen,
            service.metrics_host,
            service.metrics_port,
        )
        assert stack.triton.address == service.triton_address
    assert (stack.triton.host, stack.triton.grpc_port, stack.triton.metrics_port) == (
        triton.host,
        triton.grpc_port,
        triton.metrics_port,
    )


def test_the_processes_take_what_the_stack_gives_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENSORIUM_TRITON_GRPC_PORT", "18001")
    for name, value in StackSettings.load().child_environment().items():
        monkeypatch.setenv(name, value)
    for configured in StackSettings().services:
        service = settings_of(configured.name)
        assert service.triton_address == "127.0.0.1:18001"
        assert service.drain_grace == StackSettings().drain_grace
    triton = import_module("sensorium_models.embedded.settings").TritonSettings()
    assert triton.stop_timeout == StackSettings().triton_stop_timeout


def test_what_a_person_set_goes_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENSORIUM_VISION_TRITON_ADDRESS", "gpu:8001")
    assert StackSettings.load().child_environment()["SENSORIUM_VISION_TRITON_ADDRESS"] == "gpu:8001"


def test_a_service_is_told_where_those_are_that_it_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SENSORIUM_SPEECH_TEXT_ADDRESS", raising=False)
    text = TextSettings(listen="0.0.0.0:4711")
    told = StackSettings(services=(SpeechSettings(), text)).child_environment()
    assert told["SENSORIUM_SPEECH_TEXT_ADDRESS"] == "127.0.0.1:4711"
    assert "SENSORIUM_SPEECH_TEXT_ADDRESS" not in StackSettings(services=(SpeechSettings(),)).child_environment()
    services = import_module("sensorium_speech.settings")
    assert set(SpeechSettings.peers) <= {name.upper() for name in services.SpeechSettings.model_fields}


def test_each_stack_has_phrase_sets_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert StackSettings().child_environment()["SENSORIUM_SPEECH_PHRASE_SETS"] == str(settings_of("speech").phrase_sets)
    monkeypatch.setenv("SENSORIUM_STACK_BUILD_DIR", "elsewhere")
    assert StackSettings.load().child_environment()["SENSORIUM_SPEECH_PHRASE_SETS"] == "elsewhere/phrase_sets.sqlite"
    assert set(SpeechSettings.files) <= {name.upper() for name in type(settings_of("speech")).model_fields}


def test_every_service_can_be_asked_and_shown() -> None:
    for service in StackSettings().services:
        client = CLIENTS[service.name]
        assert client.service.defaults is service.service
        assert next(iter(signature(showcase(service.name).greet).parameters)) == "address"


def test_no_two_services_share_a_port() -> None:
    services = (VisionSettings(), SpeechSettings(), TextSettings())
    ports = [port.port for service in services for port in service.listeners()]
    assert len(set(ports)) == 6
    assert [service.prefix for service in services] == ["SENSORIUM_VISION_", "SENSORIUM_SPEECH_", "SENSORIUM_TEXT_"]


@pytest.mark.parametrize(
    ("listen", "address"),
    [("0.0.0.0:1", "127.0.0.1:1"), ("[::]:1", "[::1]:1"), ("plant.example:1", "plant.example:1")],
)
def test_wildcards_are_reached_locally(listen: str, address: str) -> None:
    assert connectable(listen) == address


def test_one_port_for_two_is_told() -> None:
    twice = [Listener("a", "gRPC", "127.0.0.1:4711", "A_PORT"), Listener("b", "gRPC", "127.0.0.1:4711", "B_PORT")]
    assert port_problem(twice) == ("port 4711 is wanted twice: by A_PORT and by B_PORT; give one of them another")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.1:0", "127.0.0.1:x", "127.0.0.1:70000"])
def test_an_address_without_a_port_is_told(address: str) -> None:
    problem = port_problem([Listener("a", "gRPC", address, "A_LISTEN")])
    assert problem is not None
    assert "A_LISTEN" in problem


def test_a_host_that_is_not_ours_is_told() -> None:
    problem = port_problem([Listener("a", "gRPC", "192.0.2.1:4711", "A_LISTEN")])
    assert problem is not None
    assert "192.0.2.1:4711, which a needs for its gRPC, cannot be listened on" in problem
