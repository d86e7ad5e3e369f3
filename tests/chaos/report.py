"""What came of the faults, as lines and as a page of the documentation."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict

from chaos.running import Outcome
from chaos.stack import ROOT
from chaos.traffic import DEADLINE

_PAGE = ROOT / "docs" / "faults.md"
_DATA = ROOT / "build" / "chaos" / "faults.json"


def line(outcome: Outcome) -> str:
    """One outcome for the terminal."""
    verdict = "FAILED" if outcome.problems else "ok"
    return f"{verdict:6s} {outcome.fault}: {_met(outcome)}; {_trouble(outcome)}; {_well(outcome)}"


def write(outcomes: Sequence[Outcome], seconds: float) -> None:
    """Write the page and its data."""
    _DATA.parent.mkdir(parents=True, exist_ok=True)
    plain = [{**asdict(each), "seen": _plain(each)} for each in outcomes]
    _DATA.write_text(json.dumps(plain, indent=2, ensure_ascii=False) + "\n")
    rows = [f"| {each.fault} | {_met(each)} | {_trouble(each)} | {_well(each)} | {_bound(each)} |" for each in outcomes]
    _PAGE.write_text(
        _HEAD.format(deadline=DEADLINE, minutes=seconds / 60, cores=os.cpu_count()) + "\n".join(rows) + "\n"
    )


def _plain(outcome: Outcome) -> dict[str, object]:
    seen = outcome.seen
    failed = {" ".join(pair).strip(): count for pair, count in seen.failed.items()}
    return {
        "right": dict(seen.right),
        "retried": dict(seen.retried),
        "failed": failed,
        "slowest": round(seen.slowest, 2),
    }


def _met(outcome: Outcome) -> str:
    if outcome.words:
        return f"the last line of `sensorium up`: {outcome.words}"
    seen = outcome.seen
    parts = [f"{seen.right.total()} right"]
    if seen.retried:
        parts.append(f"{seen.retried.total()} right after retries")
    parts += [f"{count} {_name(pair)}" for pair, count in sorted(seen.failed.items())]
    return f"{', '.join(parts)}; slowest {seen.slowest:.1f} s"


def _name(pair: tuple[str, str]) -> str:
    return "/".join(filter(None, pair))


def _trouble(outcome: Outcome) -> str:
    if outcome.words:
        return "does not start"
    return (
        "SERVING all the time" if outcome.trouble_after is None else f"NOT_SERVING after {outcome.trouble_after:.1f} s"
    )


def _well(outcome: Outcome) -> str:
    if outcome.words:
        return "–"
    if outcome.well_after is None:
        return "not"
    return f"{outcome.well_after:.1f} s{' after its end' if outcome.from_heal else ''}"


def _bound(outcome: Outcome) -> str:
    return f"{outcome.bound:g} s" if outcome.bound else "–"


_HEAD = """# Faults

`make chaos` does all of this to a stack of `sensorium up`, with the three services under light load from nine callers.
It fails unless every call was answered rightly, or was repeated by the SDK and then right, or failed with a status and
a reason of [errors](errors.md) other than INTERNAL; unless each came to its end within its deadline, {deadline:g} s;
unless all phrase sets whose making was acknowledged are there and the audit logs are whole; and unless all was well
again within the bound. It needs root, for file systems of its own, and installs libfaketime.

This page is its output, of a machine with {cores} cores that others used too; the run took {minutes:.0f} minutes.
While a stack is harmed, each kind of call is also tried again and again without the SDK's retries, so that the moment
is seen in which it works; what those calls met is counted with the rest. "Well again" is when every kind of call was
answered rightly and health said SERVING, counted from the fault or, where it says so, from its end.

| fault | what callers met | health | well again after | bound |
|---|---|---|---|---|
"""
