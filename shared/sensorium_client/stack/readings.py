"""Prometheus metrics of a process, and what happened between two readings of them."""

from __future__ import annotations

import math
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from itertools import pairwise
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from sensorium_client._security import Security

__all__ = ["Change", "Reading", "parse", "read"]

_SECONDS = 2.0
_MOST_BYTES = 8 * 1024 * 1024
_NOT_ALLOWED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)

Labels = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Reading:
    """Values by name and labels, and when they were read, in seconds on the monotonic clock.

    Without `allowed` there are none: the process answers, but not to us.
    """

    at: float
    values: dict[tuple[str, Labels], float] = field(default_factory=dict)
    allowed: bool = True

    def matching(self, name: str, **labels: str) -> Iterator[tuple[dict[str, str], float]]:
        """The values of a metric that have these labels, each with all of its labels."""
        wanted = labels.items()
        for (each, found), value in self.values.items():
            if each == name and found >= wanted:
                yield dict(found), value

    def total(self, name: str, **labels: str) -> float:
        """The sum of those values; 0 when there is none."""
        return sum(value for _, value in self.matching(name, **labels))


def read(url: str, security: Security | None = None) -> Reading | None:
    """Reads a page of metrics; None when nobody answers with one.

    Args:
        url: of the page.
        security: the CAs that a page by HTTPS is believed by, and what says who reads; the proof of plain HTTP goes
            nowhere but to this machine.

    Raises:
        InvalidInputError: the proof would leave the machine in plain text, or a file cannot be used.
    """
    security = security or Security()
    parts = urllib.parse.urlsplit(url)
    secure = parts.scheme == "https"
    if not secure:
        replace(security, ca=None, certificate=None, key=None).check((parts.netloc,))
    # A company's proxy has no way to this machine's own ports.
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({}), _NoRedirects()]
    if secure and (context := security.https()):
        handlers.append(urllib.request.HTTPSHandler(context=context))
    request = urllib.request.Request(url, headers=dict(security.metadata()))  # noqa: S310  # of the settings
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=_SECONDS) as reply:
            text = reply.read(_MOST_BYTES).decode()
        return parse(text, time.monotonic())
    except urllib.error.HTTPError as error:
        error.close()
        return Reading(time.monotonic(), allowed=False) if error.code in _NOT_ALLOWED else None
    except (OSError, ValueError):
        return None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """The proof of who reads goes nowhere else."""


def parse(text: str, at: float) -> Reading:
    """The values in Prometheus' text format.

    Raises:
        ValueError: it is something else.
    """
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return Reading(at, {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples})


@dataclass(frozen=True)
class Change:
    """Two readings of one process."""

    before: Reading
    now: Reading

    def growth(self, name: str, **labels: str) -> float:
        """How much counters have grown; a counter that was set back with its process counts from 0."""
        before, now = self.before.total(name, **labels), self.now.total(name, **labels)
        return now - before if now >= before else now

    def rate(self, name: str, **labels: str) -> float:
        """Growth per second."""
        return self.growth(name, **labels) / max(self.now.at - self.before.at, 1e-9)

    def mean(self, name: str, **labels: str) -> float:
        """Mean of what a histogram or summary has seen in between; NaN when that is nothing."""
        count = self.growth(f"{name}_count", **labels)
        return self.growth(f"{name}_sum", **labels) / count if count else math.nan

    def quantile(self, share: float, name: str, **labels: str) -> float:
        """A quantile of what a histogram has seen in between, by the rule of Prometheus' `histogram_quantile`."""
        bounds = sorted({found["le"] for found, _ in self.now.matching(f"{name}_bucket", **labels)}, key=float)
        counts = [self.growth(f"{name}_bucket", **labels, le=bound) for bound in bounds]
        edges = [(0.0, 0.0), *((float(bound), count) for bound, count in zip(bounds, counts, strict=True))]
        rank = share * edges[-1][1]
        if rank == 0:
            return math.nan
        for (low, below), (high, upto) in pairwise(edges):
            if upto >= rank:
                return low if math.isinf(high) else low + (high - low) * (rank - below) / (upto - below)
        return math.nan
