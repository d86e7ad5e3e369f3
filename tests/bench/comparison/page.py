"""The page about the results: `python -m bench.comparison.page [RESULTS]` writes docs/benchmark.md."""

import sys
from collections.abc import Iterator
from pathlib import Path

from bench.comparison.records import Results
from bench.comparison.settings import ROOT, Settings
from bench.comparison.systems import SYSTEMS
from bench.comparison.verdict import judge
from bench.comparison.workloads import WORKLOADS, Workload

__all__ = ["page"]

_BEGIN = "<!-- From here on written by `make bench` out of build/bench/results.json. -->"
_COLUMNS = (
    ("closed", "throughput", "answers/s", "32"),
    ("closed", "p50", "p50 ms", "32"),
    ("closed", "p99", "p99 ms", "32"),
    ("closed", "cost", "CPU-ms", "32"),
    ("closed", "batch", "batch", "32"),
    ("closed", "memory", "MiB", "32"),
    ("closed", "p50", "p50 ms, one caller", "1"),
    ("open", "rate", "open loop, held/s", "held"),
)
_TITLES = {"limit": "in-process limit", "perf_analyzer": "Triton directly, by perf_analyzer"} | {
    system.name: system.title for system in SYSTEMS
}
# The limit answers nobody: its latencies say how long a batch takes.
_MEANINGLESS = {("limit", "p50"), ("limit", "p99")}


def page(results: Results, written: str) -> str:
    """What people have written, up to the mark, and the results behind it."""
    return written.partition(_BEGIN)[0] + "\n".join([_BEGIN, *_lines(results)]) + "\n"


def _lines(results: Results) -> Iterator[str]:
    yield from ("", "## The machine", "")
    machine = results.machine
    yield f"{machine['processor']}, {machine['cores']} cores ({', '.join(machine['vector extensions'])}), "
    yield f"{machine['memory_gib']} GiB, {machine['system']}, Python {machine['python']}; "
    yield f"JPEG by {machine['jpeg decoder']}; "
    yield ", ".join(f"{name} {version}" for name, version in machine["packages"].items()) + "."
    others = [one.values["others"] for one in results.records if "others" in one.values]
    if others:
        yield f"Load average at the start {machine['load_average']}; while it was measured, other programs used "
        yield f"{min(others):.1f} to {max(others):.1f} processors."
    yield from ("", "## The figures", "")
    yield from ("| figure | | median (least-most) | bound | |", "|---|---|---|---|---|")
    for figure in judge(results):
        yield f"| **{figure.number}** | **{figure.title}** | | | **{figure.state}** |"
        for check in figure.checks:
            sign = "≥" if check.at_least else "≤"
            yield f"| | {check.what} | {check.found or '-'} | {sign} {check.bound:g} | {check.state} |"
    for workload in WORKLOADS:
        yield from _table(results, workload)
    yield from _starts(results)
    yield from _failures(results)


def _table(results: Results, workload: Workload) -> Iterator[str]:
    systems = results.systems("closed", workload.name)
    if not systems:
        return
    titles = [title for _, _, title, _ in _COLUMNS]
    yield from ("", f"## {workload.title[0].upper()}{workload.title[1:]}", "")
    yield "Median of the rounds (least-most); 32 callers unless the column says otherwise."
    yield f"The open loop's p99 is held under {workload.bound:g} ms."
    yield from ("", "| | " + " | ".join(titles) + " |", "|---" * (len(titles) + 1) + "|")
    for system in systems:
        cells = (_cell(results, (part, workload.name, system, load), name) for part, name, _, load in _COLUMNS)
        yield f"| {_TITLES[system]} | " + " | ".join(cells) + " |"
    note = results.notes.get(f"limit of {workload.name}")
    if note:
        yield from ("", f"The limit is reached by {note}.")


def _cell(results: Results, place: tuple[str, str, str, str], name: str) -> str:
    found = results.spread(*place, name)
    if found is None or found.most == 0 or (place[2], name) in _MEANINGLESS:
        return ""
    return str(found)


def _starts(results: Results) -> Iterator[str]:
    services = dict.fromkeys(one.workload for one in results.records if one.part == "start")
    if not services:
        return
    yield from (
        "",
        "## Start and rest",
        "",
        "| | to the first right answer, s | memory at rest, MiB |",
        "|---|---|---|",
    )
    for service in services:
        for system in results.systems("start", service):
            cells = [results.spread("start", service, system, "", name) for name in ("seconds", "memory")]
            yield f"| {_TITLES[system]}, {service} | {cells[0]} | {cells[1]} |"


def _failures(results: Results) -> Iterator[str]:
    if results.failures:
        yield from ("", "## What gave no figure", "")
    for one in results.failures:
        yield f"- {one.part} {one.workload} {one.system}: {one.reason.splitlines()[0]}"


def main() -> None:
    """Writes the page."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Settings().folder / "results.json"
    target = ROOT / "docs" / "benchmark.md"
    target.write_text(page(Results.read(path), target.read_text()))


if __name__ == "__main__":
    main()
