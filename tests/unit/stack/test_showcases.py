from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from sensorium_client import UnavailableError
from sensorium_client.stack import greeting
from sensorium_client.stack.showcases import Answer, Showcase, Step, _table, answered
from sensorium_client.stack.state import RunningStack


def greet(address: str) -> Iterator[Answer]:
    def fail() -> str:
        raise UnavailableError(f"{address} is down")

    yield answered("pump", "language", lambda: "en", str.upper)
    yield answered("泵", "language", fail, str.upper)


def demo(address: str, folder: Path) -> Iterator[Step]:
    yield Step("DetectLanguage", "pump", address, 0.0, (folder / "language.json",))


@pytest.fixture
def text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service beside vision that shows something of itself."""
    monkeypatch.setitem(_table._SHOWCASES, "text", Showcase("text", greet, demo, "text language TEXT"))


def test_a_greeting_shows_answers_and_failures(text: None) -> None:
    console = Console(file=StringIO(), width=100)
    console.print(greeting.answers("text", "127.0.0.1:50053"))
    assert isinstance(console.file, StringIO)
    heading, *rows = [line.split() for line in console.file.getvalue().splitlines()]
    assert heading == ["text", "asked", "answer", "ms"]
    assert rows[0][:3] == ["pump", "language", "EN"]
    assert rows[1][:6] == ["泵", "language", "failed:", "127.0.0.1:50053", "is", "down"]


def test_each_service_has_a_hint(text: None) -> None:
    stack = RunningStack(1, "logs", "triton:1", {"vision": "a:1", "text": "b:2"}, {})
    expected = ".venv/bin/sensorium vision read-text FILE, or .venv/bin/sensorium text language TEXT"
    assert greeting.hints(stack) == expected
