"""What follows files: new values when they change, the old one while they are wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sensorium_core.reload import ConfigurationError, Reloaded
from sensorium_core.telemetry import Metrics
from unit.core.support import sample, until


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "number"
    path.write_text("1")
    return path


@pytest.fixture
def number(file: Path, metrics: Metrics) -> Reloaded[int]:
    def load() -> int:
        try:
            return int(file.read_text())
        except ValueError:
            raise ConfigurationError(f"{file.name} holds no number") from None

    return Reloaded("number", [file], load, metrics)


def counts(metrics: Metrics) -> tuple[float, float, float]:
    names = ("sensorium_reloads_total", "sensorium_reload_failures_total", "sensorium_reload_failing")
    first, second, third = (sample(metrics, name, what="number") for name in names)
    return first, second, third


def test_a_change_is_taken_over_once(number: Reloaded[int], file: Path, metrics: Metrics) -> None:
    assert (number.value, number.look()) == (1, False)
    file.write_text("22")
    assert (number.look(), number.value, number.generation) == (True, 22, 2)
    assert number.look() is False
    assert counts(metrics) == (1, 0, 0)


def test_what_is_wrong_at_first_may_be_half_of_a_change(number: Reloaded[int], file: Path, metrics: Metrics) -> None:
    file.write_text("")
    assert (number.look(), number.value) == (False, 1)
    assert counts(metrics) == (0, 0, 0)
    file.write_text("7")
    assert (number.look(), number.value) == (True, 7)
    assert counts(metrics) == (1, 0, 0)


def test_what_stays_wrong_is_told_once_and_leaves_the_value(
    number: Reloaded[int], file: Path, metrics: Metrics, logs: list[Any]
) -> None:
    file.write_text("seven")
    assert [number.look() for _ in range(4)] == [False] * 4
    assert number.value == 1
    assert counts(metrics) == (0, 1, 1)
    (entry,) = [entry for entry in logs if entry["log_level"] == "error"]
    assert (entry["what"], entry["problem"]) == ("number", "number holds no number")
    file.write_text("777")
    assert (number.look(), number.value) == (True, 777)
    assert counts(metrics) == (1, 1, 0)


def test_a_file_that_vanishes_leaves_the_value(number: Reloaded[int], file: Path, metrics: Metrics) -> None:
    file.unlink()
    assert [number.look() for _ in range(2)] == [False, False]
    assert (number.value, counts(metrics)) == (1, (0, 1, 1))
    file.write_text("8")
    assert (number.look(), number.value) == (True, 8)


def test_a_first_value_that_is_wrong_is_refused(tmp_path: Path, metrics: Metrics) -> None:
    def load() -> int:
        raise ConfigurationError("nothing there")

    with pytest.raises(ConfigurationError, match="nothing there"):
        Reloaded("number", [tmp_path / "missing"], load, metrics)


async def test_watching_tells_of_each_change(number: Reloaded[int], file: Path) -> None:
    told: list[int] = []
    number.on_change(lambda: told.append(number.value))
    watching = asyncio.create_task(number.watch(0.001))
    file.write_text("20")  # noqa: ASYNC240 - a test may block
    await until(lambda: told == [20])
    file.write_text("300")  # noqa: ASYNC240
    await until(lambda: told == [20, 300])
    watching.cancel()
