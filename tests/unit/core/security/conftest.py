from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from sensorium_core.security.development import DevelopmentCA, Issued, Leaf
from unit.core.security.secured import Secured, secured_server
from unit.core.support import Echo

StartSecured = Callable[..., AbstractAsyncContextManager[Secured]]


@pytest.fixture
def ca(tmp_path: Path) -> DevelopmentCA:
    return DevelopmentCA(tmp_path / "certificates")


@pytest.fixture
def server_files(ca: DevelopmentCA) -> Issued:
    return ca.issue(Leaf("echo"))


@pytest.fixture
def client_files(ca: DevelopmentCA) -> Issued:
    return ca.issue(Leaf("cell-7"))


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A policy that lets everybody do everything, for tests to write another into."""
    path = tmp_path / "policy.toml"
    path.write_text('[[allow]]\nidentities = ["*"]\nmethods = ["*"]\nmodels = ["*"]\n')
    return path


@pytest.fixture
def tls(ca: DevelopmentCA, server_files: Issued, policy: Path) -> dict[str, Any]:
    """Settings for mutual TLS, followed closely."""
    return {
        "policy": policy,
        "tls_certificate": server_files.certificate,
        "tls_key": server_files.key,
        "tls_client_ca": ca.certificate_file,
        "reload_interval": 0.01,
    }


@pytest.fixture
def start(echo: Echo) -> StartSecured:
    """Runs a whole server with the settings given."""

    @asynccontextmanager
    async def run(**settings: Any) -> AsyncIterator[Secured]:
        async with secured_server(echo, **settings) as server:
            yield server

    return run
