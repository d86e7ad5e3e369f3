"""Settings come from the environment, once, and are checked."""

from __future__ import annotations

import os

import pytest
from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict

from sensorium_core.settings import ServiceSettings


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SENSORIUM_TEST_", frozen=True)

    listen: str = "127.0.0.1:1"
    metrics_port: int = 2


def test_the_defaults_are_those_that_the_contract_names() -> None:
    settings = Settings()
    assert settings.max_message_bytes == 32 * 1024 * 1024
    assert settings.triton_address == "127.0.0.1:8001"
    assert settings.work_threads == os.cpu_count()
    assert settings.metrics_host == "127.0.0.1"


def test_the_environment_sets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENSORIUM_TEST_LISTEN", "127.0.0.2:50051")
    monkeypatch.setenv("SENSORIUM_TEST_MAX_IN_FLIGHT", "7")
    monkeypatch.setenv("SENSORIUM_TEST_LONGEST_CALL", "2.5")
    settings = Settings()
    assert (settings.listen, settings.max_in_flight, settings.longest_call) == ("127.0.0.2:50051", 7, 2.5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_in_flight", "0"),
        ("max_message_bytes", "-1"),
        ("longest_call", "0"),
        ("canary_timeout", "soon"),
        ("log_level", "loud"),
        ("work_threads", "1.5"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"SENSORIUM_TEST_{name.upper()}", value)
    with pytest.raises(ValidationError, match=name):
        Settings()


@pytest.mark.parametrize("port", ["65536", "-1"])
def test_a_port_beyond_all_ports_is_refused(port: str) -> None:
    with pytest.raises(ValidationError, match="metrics_port"):
        ServiceSettings(listen="127.0.0.1:1", metrics_port=int(port))


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().listen = "elsewhere"
