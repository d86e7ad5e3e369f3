"""The queries of the dashboard and the alert rules in compose/, and the metrics and labels that they name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import promql_parser
import yaml

COMPOSE = Path(__file__).parents[1] / "compose"
RATE_INTERVAL = "10s"


@dataclass(frozen=True)
class Query:
    """A query and where it stands."""

    where: str
    text: str

    def selectors(self) -> dict[str, set[str]]:
        """The metrics that it reads, each with the labels that it is chosen or grouped by."""
        found: dict[str, set[str]] = {}
        for name, labels in _walk(promql_parser.parse(self.text), frozenset()):
            found.setdefault(name, set()).update(labels)
        return found


def _walk(node: Any, grouping: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    if isinstance(node, promql_parser.VectorSelector):
        assert node.name
        yield node.name, grouping | {matcher.name for matcher in node.matchers.matchers}
        return
    modifier = getattr(node, "modifier", None)
    if isinstance(modifier, promql_parser.AggModifier):
        grouping |= set(modifier.labels)
    for name in ("lhs", "rhs", "expr", "vector_selector"):
        if (inner := getattr(node, name, None)) is not None:
            yield from _walk(inner, grouping)
    for inner in getattr(node, "args", ()):
        yield from _walk(inner, grouping)


def dashboard_queries() -> list[Query]:
    """The queries of all dashboards, their variables filled in."""
    return [
        Query(f"{file.name}: {panel['title']}", _filled(target["expr"]))
        for file in sorted((COMPOSE / "grafana").glob("*.json"))
        for panel in json.loads(file.read_text())["panels"]
        for target in panel["targets"]
    ]


def alert_queries() -> list[Query]:
    """The conditions of all alerts."""
    groups = yaml.safe_load((COMPOSE / "prometheus" / "alerts.yml").read_text())["groups"]
    return [Query(f"alerts.yml: {rule['alert']}", rule["expr"]) for group in groups for rule in group["rules"]]


def _filled(expression: str) -> str:
    return expression.replace("$__rate_interval", RATE_INTERVAL).replace("$job", ".+")
