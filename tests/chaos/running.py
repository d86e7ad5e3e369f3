"""Runs faults against stacks and says what came of each."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chaos.calls import lost_phrase_sets, plant_calls
from chaos.faults import Bench, Fault
from chaos.stack import ROOT, SERVICES, PlantStack
from chaos.traffic import Seen, Traffic, traffic
from chaos.watching import HealthWatch, health_watch
from integration.waiting import until
from sensorium_client.stack.settings import StackSettings

_CALM = 3.0
_QUIET_BEFORE = 5.0
_CHANGE = 0.05


@dataclass
class Outcome:
    """What came of a fault.

    Attributes:
        fault: its name.
        seen: what callers met, from the harm until all was well.
        trouble_after: seconds from the harm until a service said, or showed, that it does not serve; None for never.
        well_after: seconds until all was well, see `Fault.bound`; None when it did not get well.
        bound: see `Fault.bound`.
        from_heal: whether they count from the moment in which the harm was taken back.
        problems: what must not be.
        words: what the stack said instead of starting.
    """

    fault: str
    seen: Seen = field(default_factory=Seen)
    trouble_after: float | None = None
    well_after: float | None = None
    bound: float = 0.0
    from_heal: bool = False
    problems: list[str] = field(default_factory=list)
    words: str = ""


def run_faults(bench: Bench, faults: Sequence[Fault], report: Callable[[Outcome], None]) -> list[Outcome]:
    """Harm a stack in one way after the other, under load."""
    addresses = {service: bench.stack.address(service) for service in SERVICES}
    names = {service.name: service.health_name for service in StackSettings().services}
    outcomes: list[Outcome] = []
    kept: dict[str, str] = {}
    with health_watch(addresses, names) as health, traffic(addresses, plant_calls(kept)) as callers:
        until(lambda: len(health.now) == len(SERVICES) and health.all_serve(), 60, lambda: str(health.now))
        answered = callers.until_right(60)
        assert None not in answered.values(), f"not all is well before the first fault: {answered}, {callers.take()}"
        for fault in faults:
            outcome = _endure(fault, bench, callers, health)
            outcome.problems += _lost(bench.stack, kept)
            report(outcome)
            outcomes.append(outcome)
            if outcome.well_after is None:
                break  # the next would only show the same
    return outcomes


def _endure(fault: Fault, bench: Bench, callers: Traffic, health: HealthWatch) -> Outcome:
    _stay_calm(callers, health)
    outcome = Outcome(fault.name, bound=fault.bound, from_heal=fault.heal is not None)
    harmed = origin = time.monotonic()
    fault.harm(bench)
    if fault.newcomer is not None:
        callers.add(fault.newcomer())
    if fault.heal is not None:
        _let_last(fault.lasts, callers, outcome)
        fault.heal(bench)
        origin = time.monotonic()
    answered = callers.until_right(fault.bound)
    if None in answered.values():
        slow = [name for name, seconds in answered.items() if seconds is None]
        outcome.problems.append(f"not answered rightly within {fault.bound:g} s: {', '.join(slow)}")
    _wait_for_health(fault, health, origin, outcome)
    if not outcome.problems:
        times = [seconds for seconds in answered.values() if seconds is not None]
        outcome.well_after = max(*times, health.last_change(origin) or 0.0)
    outcome.trouble_after = health.first_trouble(harmed)
    time.sleep(_CALM)
    outcome.seen = callers.take()
    _judge(fault, bench, callers, outcome)
    return outcome


def _stay_calm(callers: Traffic, health: HealthWatch) -> None:
    """Wait until nobody meets the fault before any more."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        callers.take()
        time.sleep(_QUIET_BEFORE)
        seen = callers.take()
        if not seen.failed and not seen.retried and health.all_serve():
            return
    raise AssertionError(f"no calm before the next fault: {seen.failed}, {health.now}")


def _let_last(seconds: float, callers: Traffic, outcome: Outcome) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.2)
        for name in callers.overdue():
            outcome.problems.append(f"{name}: a call has no end")


def _wait_for_health(fault: Fault, health: HealthWatch, origin: float, outcome: Outcome) -> None:
    left = max(1.0, fault.bound - (time.monotonic() - origin))
    try:
        until(health.all_serve, left, lambda: str(health.now))
    except AssertionError as error:
        outcome.problems.append(f"health: {error}")


def _judge(fault: Fault, bench: Bench, callers: Traffic, outcome: Outcome) -> None:
    outcome.problems += sorted(set(outcome.seen.wrong))
    outcome.problems += ["a caller met INTERNAL"] if outcome.seen.failed[("INTERNAL", "INTERNAL")] else []
    outcome.problems += [f"{name}: a call has no end" for name in callers.overdue()]
    if fault.met not in {"", *(reason for _, reason in outcome.seen.failed)}:
        outcome.problems.append(f"nobody met {fault.met}: was there a fault?")
    if not fault.unharmed and outcome.trouble_after is None and not (outcome.seen.failed or outcome.seen.retried):
        outcome.problems.append("nobody noticed anything: was there a fault?")
    if fault.unharmed and (outcome.seen.failed or outcome.seen.retried):
        outcome.problems.append("callers noticed it")
    if bench.stack.process.poll() is not None:
        outcome.problems.append("`sensorium up` has ended")


def _lost(stack: PlantStack, kept: dict[str, str]) -> list[str]:
    """What must have been kept and was not; what was looked for is looked for no more."""
    looked_for = kept.copy()
    for name in looked_for:
        del kept[name]
    return [f"{name} was acknowledged and is lost" for name in lost_phrase_sets(stack.address("speech"), looked_for)]


def audit_problems(folder: Path) -> list[str]:
    """What `sensorium audit verify` finds."""
    command = [sys.executable, "-c", "from sensorium_client.cli import main; main()", "audit", "verify", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [f"audit: {line}" for line in done.stdout.splitlines()]
