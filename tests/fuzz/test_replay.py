"""Hostile input gets an error of ours, in bounded time and memory; `make fuzz` looks for more of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.registry import NAMES
from fuzz.target import BoundExceededError, Target, damaged, measured

ROOT = Path(__file__).parents[2]
_MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def replayed() -> dict[str, dict[str, object]]:
    """What each target gave, in a process of its own, which hostile input may end."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests")}
    command = [sys.executable, "-m", "fuzz.replay"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=110)
    lines = map(json.loads, done.stdout.splitlines())
    found = {str(line["target"]): line for line in lines}
    assert done.returncode == 0, f"died after {[*found][-1:]}: {done.stderr[-2000:]}"
    return found


@pytest.mark.parametrize("name", NAMES)
def test_hostile_input_is_refused_within_bounds(name: str, replayed: dict[str, dict[str, object]]) -> None:
    assert replayed[name]["wrong"] == ""


def test_every_input_that_was_found_belongs_to_a_target() -> None:
    folders = {path.name for path in (ROOT / "tests" / "fuzz" / "regressions").iterdir() if path.is_dir()}
    assert folders <= set(NAMES)


def test_an_input_that_takes_too_long_is_found() -> None:
    def slow(_: bytes) -> None:
        sum(range(2_000_000))

    with pytest.raises(BoundExceededError, match="s of processor time"):
        measured(Target(slow, list, seconds=0.001), b"")


def test_an_input_that_takes_too_much_memory_is_found_though_it_is_given_back() -> None:
    def large(_: bytes) -> None:
        bytearray(b"x" * (40 * _MEBIBYTE))

    with pytest.raises(BoundExceededError, match="MiB of memory, 16 are allowed"):
        measured(Target(large, list, mebibytes=16.0), b"")


def test_a_damaged_input_is_another_and_reproducible() -> None:
    import random  # noqa: PLC0415

    data = bytes(range(200))
    found = [damaged(data, random.Random(seed)) for seed in (*range(50), *range(50))]
    assert found[:50] == found[50:]
    assert len(set(found)) > 45
    assert data not in found
