"""`make fuzz`: every target for FUZZ_SECONDS, one process after the other, and a table of what was tried and found."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from fuzz.registry import NAMES

ROOT = Path(__file__).parents[2]
STATE = ROOT / "build" / "fuzz"
# Seconds after its time in which a process that gets little of a busy machine may come to its end.
_PATIENCE = 600
_LOW_PRIORITY = 5


@dataclass(frozen=True)
class Result:
    """What came of a target: how many inputs, the dearest of them, and the files of what was found."""

    name: str
    inputs: int
    slowest_seconds: float
    largest_mebibytes: float
    found: list[Path]


def main() -> int:
    """Fuzzes the targets named, all by default; 1 where anything was found."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("targets", nargs="*", choices=[*NAMES, []], metavar="TARGET")
    given = parser.parse_args()
    os.nice(_LOW_PRIORITY)
    print(f"{'target':16} {'inputs':>9} {'slowest s':>10} {'largest MiB':>12} {'found':>6}", flush=True)
    results = []
    for name in given.targets or NAMES:
        result = _fuzz(name, given.seconds)
        results.append(result)
        cost = f"{result.slowest_seconds:>10.3f} {result.largest_mebibytes:>12.1f}"
        print(f"{name:16} {result.inputs:>9} {cost} {len(result.found):>6}", flush=True)
    found = [file for result in results for file in result.found]
    for file in found:
        print(f"found: {file.relative_to(ROOT)}")
    print(f"{sum(result.inputs for result in results)} inputs, {len(found)} findings")
    return 1 if found else 0


def _fuzz(name: str, seconds: int) -> Result:
    state = STATE / name
    shutil.rmtree(state / "found", ignore_errors=True)
    for leftover in [*state.glob("died-*"), *state.glob("hung-*"), state / "totals.json"]:
        leftover.unlink(missing_ok=True)
    state.mkdir(parents=True, exist_ok=True)
    end, inputs, slowest, largest = time.monotonic() + seconds, 0, 0.0, 0.0
    while (left := round(end - time.monotonic())) > 0:  # a process that died is followed by another
        _run(name, state, left)
        totals = json.loads((state / "totals.json").read_text()) if (state / "totals.json").exists() else {}
        inputs += totals.get("inputs", 0)
        slowest = max(slowest, totals.get("slowest_seconds", 0.0))
        largest = max(largest, totals.get("largest_mebibytes", 0.0))
    kept = [file for file in state.glob("found/*") if file.suffix != ".txt"]
    return Result(name, inputs, slowest, largest, [*kept, *state.glob("died-*"), *state.glob("hung-*")])


def _run(name: str, state: Path, seconds: int) -> None:
    command = [sys.executable, "-m", "fuzz.one", name, str(state), str(seconds)]
    scratch = state / "tmp"  # a process that dies leaves its files
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests"), "PYTHONWARNINGS": "ignore", "TMPDIR": str(scratch)}
    with (state / "log").open("ab") as log:
        log.write(f"== {time.ctime()}, {seconds} s\n".encode())
        log.flush()
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, check=False, timeout=seconds + _PATIENCE
            )
        except subprocess.TimeoutExpired:
            shutil.copy(state / "current", state / f"hung-{time.time_ns()}")
        else:
            if done.returncode < 0:
                shutil.copy(state / "current", state / f"died-of-{-done.returncode}-{time.time_ns()}")


sys.exit(main())
