from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sensorium_core.audit import AuditLog, AuditSettings
from sensorium_core.telemetry import Metrics

Open = Callable[..., AuditLog]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "audit"


@pytest.fixture
def open_log(folder: Path, metrics: Metrics) -> Open:
    """A log of the service `vision`, with the settings given."""

    def make(**settings: Any) -> AuditLog:
        return AuditLog(AuditSettings(folder, "vision", **settings), metrics)

    return make
