"""docs/operating.md has every metric with its labels, and none that is not there."""

from __future__ import annotations

import re
from typing import Any

from sensorium_core.telemetry import Metrics
from sensorium_speech.listening import Places
from unit.docs.tables import DOCS, names, rows, section


def registered() -> dict[str, tuple[str, ...]]:
    """Labels by name, as Prometheus sees the names."""
    found = {}
    metrics = Metrics()
    Places(1, metrics)  # which has a metric of its own
    collectors: dict[Any, list[str]] = metrics.registry._collector_to_names
    for collector in collectors:
        name, kind = collector._name, collector._type
        found[f"{name}_total" if kind == "counter" else name] = tuple(collector._labelnames)
    return found


def test_metrics_are_made_in_these_places_only() -> None:
    sources = [file for folder in ("services", "shared") for file in (DOCS.parent / folder).rglob("*.py")]
    made = {file.stem for file in sources if re.search(r'(?:Counter|Gauge|Histogram)\(\s*"', file.read_text())}
    assert made == {"metrics", "_places"}


def test_every_metric_is_documented_with_its_labels() -> None:
    table = rows(section("operating.md", "Metrics"))
    told = {names(cells[0])[0]: tuple(filter(None, cells[1].split(", "))) for cells in table}
    assert told == registered()
    assert all(cells[2] for cells in table)
