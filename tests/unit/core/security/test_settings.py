"""What a service refuses to start with, in words that name the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from sensorium_core import server
from sensorium_core.limits import Admission
from sensorium_core.server import Service, run_service, running
from sensorium_core.telemetry import Metrics
from unit.core.security.secured import Settings

CERTIFICATE, KEY, CA = Path("c.pem"), Path("k.pem"), Path("ca.pem")


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves the logging of the tests as it is, which a service takes over."""
    monkeypatch.setattr(server, "configure_logging", lambda *_, **__: None)


def refusal(capsys: pytest.CaptureFixture[str]) -> str:
    """What the person sees who starts the service."""

    async def serve(settings: Settings) -> None:
        raise AssertionError(f"started with {settings}")

    assert run_service("test", Settings, serve) == 1
    return capsys.readouterr().err


@pytest.mark.parametrize("setting", ["listen", "metrics_host"])
def test_plain_text_stays_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], setting: str
) -> None:
    monkeypatch.setenv(f"SENSORIUM_TEST_{setting.upper()}", "0.0.0.0")
    assert refusal(capsys) == (
        f"sensorium-test: SENSORIUM_TEST_{setting.upper()}=0.0.0.0 would be listened on without TLS over the network: "
        "set SENSORIUM_TEST_TLS_CERTIFICATE and SENSORIUM_TEST_TLS_KEY, or a loopback address, "
        "or SENSORIUM_TEST_ALLOW_PLAINTEXT=true if the network itself is trusted\n"
    )


def test_plain_text_to_a_triton_elsewhere_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SENSORIUM_TEST_TRITON_ADDRESS", "triton:8001")
    assert refusal(capsys) == (
        "sensorium-test: SENSORIUM_TEST_TRITON_ADDRESS=triton:8001 would be spoken to without TLS over the network: "
        "set SENSORIUM_TEST_TRITON_CA, or SENSORIUM_TEST_TRITON_ALLOW_PLAINTEXT=true if the network itself is trusted\n"
    )


def test_settings_open_the_network_in_so_many_words() -> None:
    with pytest.raises(ValidationError):
        Settings(listen="0.0.0.0:1", triton_address="triton:8001")
    with pytest.raises(ValidationError):
        Settings(listen="0.0.0.0:1", triton_address="triton:8001", allow_plaintext=True)
    Settings(listen="0.0.0.0:1", triton_address="triton:8001", allow_plaintext=True, triton_allow_plaintext=True)
    Settings(listen="0.0.0.0:1", triton_address="triton:8001", triton_ca=CA, tls_certificate=CERTIFICATE, tls_key=KEY)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"tls_certificate": CERTIFICATE}, "set both SENSORIUM_TEST_TLS_CERTIFICATE and SENSORIUM_TEST_TLS_KEY"),
        (
            {"triton_key": KEY, "triton_ca": CA},
            "set both SENSORIUM_TEST_TRITON_CERTIFICATE and SENSORIUM_TEST_TRITON_K",
        ),
        ({"tls_client_ca": CA}, "SENSORIUM_TEST_TLS_CLIENT_CA means nothing without SENSORIUM_TEST_TLS_CERTIFICATE"),
        (
            {"triton_certificate": CERTIFICATE, "triton_key": KEY},
            "SENSORIUM_TEST_TRITON_CERTIFICATE means nothing without SENSORIUM_TEST_TRITON_CA",
        ),
    ],
)
def test_half_of_a_pair_is_refused(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Settings(**given)


def test_a_value_that_makes_no_sense_is_named_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SENSORIUM_TEST_CONNECTION_AGE", "-1")
    assert refusal(capsys) == "sensorium-test: SENSORIUM_TEST_CONNECTION_AGE: Input should be greater than 0\n"


def test_a_certificate_that_cannot_be_used_is_a_reason_not_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def serve(settings: Settings) -> None:
        async with running_of(settings):
            raise AssertionError("it started")

    for name in ("CERTIFICATE", "KEY"):
        monkeypatch.setenv(f"SENSORIUM_TEST_TLS_{name}", str(tmp_path / name))
    assert run_service("test", Settings, serve) == 1
    assert capsys.readouterr().err == f"sensorium-test: {tmp_path / 'CERTIFICATE'}: No such file or directory\n"


def running_of(settings: Settings) -> Any:
    metrics = Metrics()
    catalog: Any = None
    return running(Service("a.B", lambda _: None), settings, catalog, Admission(1, metrics), metrics)
