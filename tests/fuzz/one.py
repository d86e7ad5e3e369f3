"""Fuzzes one target by Atheris (libFuzzer) until its time is over: `python -m fuzz.one NAME STATE SECONDS`.

What is found is written into the folder STATE, under a name that says what it is, and the search goes on. The input
under way is in the file `current`, for a process that dies or does not end.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import random
import resource
import sys
import time
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path

import atheris
import structlog

from fuzz.registry import load
from fuzz.target import Target, measured

INSTRUMENTED = (
    "sensorium_core",
    "sensorium_vision",
    "sensorium_speech",
    "sensorium_text",
    "PIL",
    "jwt",
    "tomllib",
    "wsgiref",
)
LIMIT_MEBIBYTES = 3072
_HANG_SECONDS = 60
_NOTED_EVERY = 1.0


@dataclass
class Totals:
    """What a run has seen so far."""

    inputs: int = 0
    slowest_seconds: float = 0.0
    largest_mebibytes: float = 0.0


class Run:
    """One process of one target."""

    def __init__(self, target: Target, state: Path) -> None:
        self._target = target
        self._state = state
        self._totals = Totals()
        self._noted = time.monotonic()
        self._first = True
        self._current = os.open(state / "current", os.O_WRONLY | os.O_CREAT, 0o600)

    def take(self, data: bytes) -> None:
        """Runs an input; called by libFuzzer."""
        os.ftruncate(self._current, os.pwrite(self._current, data, 0))
        try:
            cost = measured(self._target, data)
        except Exception as error:  # whatever it is, it is what is looked for
            self._keep(data, error)
        else:
            if not self._first:  # which pays for what is loaded when it is first needed
                self._totals.slowest_seconds = max(self._totals.slowest_seconds, cost.seconds)
                self._totals.largest_mebibytes = max(self._totals.largest_mebibytes, cost.mebibytes)
            self._first = False
        self._totals.inputs += 1
        if time.monotonic() - self._noted > _NOTED_EVERY:
            self.note()

    def note(self) -> None:
        """Writes down the totals."""
        self._noted = time.monotonic()
        (self._state / "totals.json").write_text(json.dumps(asdict(self._totals)))

    def mutate(self, data: bytes, longest: int, seed: int) -> bytes:
        """Another input made of one; called by libFuzzer."""
        chance = random.Random(seed)  # reproducible by libFuzzer's seed
        if self._target.mutate is not None and chance.random() < 0.5:
            return self._target.mutate(bytes(data), chance)[:longest]
        return bytes(atheris.Mutate(data, longest))

    def _keep(self, data: bytes, error: Exception) -> None:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(frame.filename).stem}-{frame.lineno}"
        file = self._state / "found" / f"{type(error).__name__}-{place}"
        # Of several inputs that show the same, the shortest.
        if not file.exists() or file.stat().st_size > len(data):
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(data)
            file.with_suffix(".txt").write_text("".join(traceback.format_exception(error)))


def main() -> None:
    """Fuzzes."""
    name, state, seconds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_MEBIBYTES << 20, LIMIT_MEBIBYTES << 20))
    with atheris.instrument_imports(include=list(INSTRUMENTED)):
        target = load(name)
    corpus = state / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds():
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    run = Run(target, state)
    flags = [
        f"-max_total_time={seconds}",
        f"-max_len={target.longest}",
        f"-timeout={_HANG_SECONDS}",
        f"-report_slow_units={_HANG_SECONDS}",
        f"-rss_limit_mb={LIMIT_MEBIBYTES}",
        f"-artifact_prefix={state}/died-",
        "-len_control=0",
        "-close_fd_mask=3",  # libraries of C tell the console what they think of a file
    ]
    atheris.Setup([sys.argv[0], str(corpus), *flags], run.take, custom_mutator=run.mutate)
    atheris.Fuzz()


main()
