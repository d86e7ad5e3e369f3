"""Plots of the results, as SVG."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt

from bench.comparison.arithmetic import Spread
from bench.comparison.records import Results
from bench.comparison.workloads import WORKLOADS

__all__ = ["draw"]

_FIGURES = (
    ("throughput", "answers a second", "32"),
    ("p99", "99th percentile of the latency, ms", "32"),
    ("cost", "CPU-ms an answer, all serving processes", "32"),
    ("p50", "median latency of one caller, ms", "1"),
)


def draw(results: Results, folder: Path) -> list[Path]:
    """A plot for each workload that was measured: medians as bars, least and most of the rounds as whiskers."""
    folder.mkdir(parents=True, exist_ok=True)
    return list(_drawn(results, folder))


def _drawn(results: Results, folder: Path) -> Iterator[Path]:
    for workload in WORKLOADS:
        systems = results.systems("closed", workload.name)
        if not systems:
            continue
        figure, axes = plt.subplots(1, len(_FIGURES), figsize=(16, 0.5 * len(systems) + 1.2), sharey=True)
        figure.suptitle(workload.title)
        for axis, (name, title, load) in zip(axes, _FIGURES, strict=True):
            found = [(system, results.spread("closed", workload.name, system, load, name)) for system in systems]
            _bars(axis, found, is_latency=name in {"p50", "p99"})
            axis.set_xlabel(title)
        path = folder / f"{workload.name}.svg"
        figure.tight_layout()
        figure.savefig(path)
        plt.close(figure)
        yield path


def _bars(axis: Any, spreads: list[tuple[str, Spread | None]], *, is_latency: bool) -> None:
    for place, (system, found) in enumerate(reversed(spreads)):
        if found is None or (is_latency and system == "limit"):  # nobody waits for the limit
            axis.barh(place, 0)  # keeps the place
            continue
        whiskers = [[found.median - found.least], [found.most - found.median]]
        axis.barh(place, found.median, xerr=whiskers, color="tab:green" if system == "suite" else "tab:grey")
    axis.set_yticks(range(len(spreads)), [system for system, _ in reversed(spreads)])
