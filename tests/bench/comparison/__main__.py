"""Runs the benchmark: `make bench`, or a part of it by BENCH_ROUNDS, BENCH_SECONDS, BENCH_PICTURES and BENCH_ONLY."""

import os
import signal
import sys
from dataclasses import asdict

from bench.comparison.added import added_latency
from bench.comparison.growth import growth
from bench.comparison.machine import describe
from bench.comparison.open_loop import open_loop
from bench.comparison.page import page
from bench.comparison.perf_analyzer import perf_analyzer
from bench.comparison.plots import draw
from bench.comparison.records import Bench, Results
from bench.comparison.rounds import LIMIT, closed_loop, cold_starts, everybody, install, workloads_of
from bench.comparison.settings import ROOT, Selection, Settings
from bench.comparison.systems import SYSTEMS
from bench.comparison.verdict import MET, MISSED, judge, table
from bench.comparison.workloads import WORKLOADS

PARTS = ("start", "closed", "perf_analyzer", "added", "open", "growth")
SERVICES = ("vision", "text", "speech")


def main() -> int:
    """Measures what is selected; 0 when nothing failed and no figure is missed, or left out of a whole run."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is stopped
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
    if selection.part("growth") and selection.workload("classify_raw") and selection.system("suite"):
        growth(bench)
        results.write(settings.folder / "results.json")
    return _conclude(bench)


def _measure(service: str, bench: Bench) -> None:
    asked = workloads_of(service, bench.selection)
    if not asked:
        return
    install(service, bench)
    if bench.selection.part("start"):
        cold_starts(service, bench)
    running = [part for part in ("closed", "perf_analyzer", "added", "open") if bench.selection.part(part)]
    if not running:
        return
    names = [one.name for one in asked]
    with everybody(service, bench) as up:
        if "closed" in running:
            closed_loop(up, asked, bench)
        if "perf_analyzer" in running:
            perf_analyzer(up, names, bench)
        if "added" in running:
            added_latency(up, names, bench)
        if "open" in running:
            open_loop(up, asked, bench)


def _conclude(bench: Bench) -> int:
    """Draws, writes and tells the verdict; gives the exit status."""
    results, folder = bench.results, bench.settings.folder
    draw(results, folder)
    target = ROOT / "docs" / "benchmark.md"
    if bench.selection.everything:
        target.write_text(page(results, target.read_text()))
    figures = judge(results)
    print(table(figures))
    for failure in results.failures:
        print(f"no figure: {failure.part} {failure.workload} {failure.system}")
    states = {figure.state for figure in figures}
    failed = MISSED in states or bool(results.failures) or (bench.selection.everything and states != {MET})
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
