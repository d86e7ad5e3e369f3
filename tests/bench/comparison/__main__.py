"""Runs the benchmark: `make bench`, or a part of it by BENCH_ROUNDS, BENCH_SECONDS, BENCH_PICTURES and BENCH_ONLY."""

import os
import sys
from dataclasses import asdict

from bench.comparison.machine import describe
from bench.comparison.records import Bench, Results
from bench.comparison.rounds import LIMIT, closed_loop, cold_starts, everybody, systems_of, workloads_of
from bench.comparison.settings import Selection, Settings
from bench.comparison.systems import SYSTEMS
from bench.comparison.workloads import WORKLOADS

PARTS = ("start", "closed")
SERVICES = ("vision", "text", "speech")


def main() -> int:
    """Measures what is selected; gives 0 when nothing failed and every figure is met."""
    settings = Settings.load()
    selection = Selection.parse(
        os.environ.get("BENCH_ONLY", ""),
        parts=PARTS,
        workloads=[one.name for one in WORKLOADS],
        systems=[LIMIT, *(one.name for one in SYSTEMS)],
    )
    results = Results(describe(), {key: str(value) for key, value in asdict(settings).items()})
    bench = Bench(settings, selection, results)
    for service in SERVICES:
        _measure(service, bench)
        results.write(settings.folder / "results.json")
    return 1 if results.failures else 0


def _measure(service: str, bench: Bench) -> None:
    asked = workloads_of(service, bench.selection)
    if not asked:
        return
    for system in systems_of(service, bench.selection):
        system.prepare(bench.settings.folder / "venvs")
    if bench.selection.part("start"):
        cold_starts(service, bench)
    if bench.selection.part("closed"):
        with everybody(service, bench) as up:
            closed_loop(up, asked, bench)


if __name__ == "__main__":
    sys.exit(main())
