"""Runs `sensorium speech …` in this process or as one of its own."""

from __future__ import annotations

import sys
from typing import Any

from typer.testing import CliRunner

from sensorium_client.cli import app

RUN = CliRunner()
COMMAND = [sys.executable, "-c", "from sensorium_client.cli import main; main()", "speech"]
NOWHERE = "127.0.0.1:1"


def invoke(*arguments: Any, **options: Any) -> Any:
    return RUN.invoke(app, ["speech", *map(str, arguments)], **options)
