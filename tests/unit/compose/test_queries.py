"""Every query in compose/ reads metrics and labels that a service declares, or that Triton has."""

from __future__ import annotations

import json
from typing import Any

import pytest
from prometheus_client import Counter, Histogram

from queries import COMPOSE, Query, alert_queries, dashboard_queries
from sensorium_core.telemetry import Metrics

FROM_PROMETHEUS = {"job", "instance"}
TRITON = {"nv_inference_pending_request_count": {"model"}, "nv_inference_request_failure": {"model", "reason"}}
QUERIES = [*dashboard_queries(), *alert_queries()]


def declared() -> dict[str, set[str]]:
    """The series of a service by name, with their labels."""
    found: dict[str, set[str]] = {"up": set(), **TRITON}
    for metric in vars(Metrics()).values():
        if not hasattr(metric, "_labelnames"):
            continue
        name, labels = metric._name, set(metric._labelnames)
        if isinstance(metric, Counter):
            found[f"{name}_total"] = labels
        elif isinstance(metric, Histogram):
            found |= {f"{name}_sum": labels, f"{name}_count": labels, f"{name}_bucket": labels | {"le"}}
        else:
            found[name] = labels
    return found


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.where)
def test_a_query_reads_what_there_is(query: Query) -> None:
    known = declared()
    selectors = query.selectors()
    assert selectors
    for name, labels in selectors.items():
        assert name in known
        assert labels <= known[name] | FROM_PROMETHEUS


def test_every_metric_of_a_service_is_on_the_dashboard_or_in_an_alert() -> None:
    read = {name for query in QUERIES for name in query.selectors()}
    bases = {name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count") for name in read}
    metrics = {name for name in declared() if not name.endswith(("_sum", "_count", "_bucket"))}
    histograms = {name.removesuffix("_bucket") for name in declared() if name.endswith("_bucket")}
    assert (metrics | histograms) - bases == {"grpc_server_started_total"}


def test_the_operations_page_names_every_metric_with_its_labels_and_every_alert() -> None:
    page = (COMPOSE.parent / "docs" / "operating.md").read_text()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("|")]
    known = {row[0].strip("`"): row[1] for row in rows}
    names = {name for name in declared() if not name.endswith(("_sum", "_count", "_bucket"))} - {"up", *TRITON}
    names |= {name.removesuffix("_bucket") for name in declared() if name.endswith("_bucket")}
    assert names - known.keys() == set()
    for name in names:
        if len(labels := declared().get(name, set())) == 1:
            assert known[name] == next(iter(labels))
    assert {query.where.removeprefix("alerts.yml: ") for query in alert_queries()} - known.keys() == set()


def test_a_metric_that_is_not_there_would_be_found() -> None:
    wrong = Query("x", "sum by (city) (rate(sensorium_rejects_total{reason='a'}[5m])) > on() group_left() up")
    assert wrong.selectors() == {"sensorium_rejects_total": {"city", "reason"}, "up": set()}
    assert "sensorium_rejects_total" not in declared()


def test_panels_stand_beside_each_other() -> None:
    for file in (COMPOSE / "grafana").glob("*.json"):
        panels: list[dict[str, Any]] = json.loads(file.read_text())["panels"]
        cells = [
            (x, panel["gridPos"]["y"])
            for panel in panels
            for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        ]
        assert len(cells) == len(set(cells))
        assert max(x for x, _ in cells) == 23
        assert len({panel["id"] for panel in panels}) == len(panels)
