"""A stack under mixed load for a while: whether memory, file descriptors, threads, tasks and shared memory stay flat.

    PYTHONPATH=tests python -m soak [SECONDS]

Ten minutes by default. Prints a table, writes it to build/soak/soak.json, and fails where something grows (see
`soak.trend`) or a call has a wrong outcome.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from chaos.calls import plant_calls
from chaos.stack import ROOT, SERVICES, PlantStack, plant_stack
from chaos.traffic import Seen, traffic
from soak.calls import soak_calls
from soak.sampling import Samples
from soak.trend import FEWEST, MEBIBYTE, Trend, trend

_DATA = ROOT / "build" / "soak" / "soak.json"
_SAMPLES = 120
_SHORTEST_PAUSE = 2.0
_IN_MEBIBYTES = {"rss", "shm"}
# Triton 24.10 may crash when a call is cancelled in the moment in which it is answered: one in some thousands.
# https://github.com/triton-inference-server/server/issues/7368
_KNOWN_CRASH = "Triton was killed by SIGSEGV"
_SECONDS_A_CRASH = 300.0

Trends = dict[str, dict[str, Trend]]


def main(arguments: list[str]) -> int:
    """Runs it; 0 only if everything stays flat and every call ended as it must."""
    seconds = float(arguments[0]) if arguments else 600.0
    with tempfile.TemporaryDirectory(prefix="sensorium-soak-") as name:
        folder = Path(name)
        audit = {f"SENSORIUM_{service.upper()}_AUDIT_DIR": str(folder / "audit") for service in SERVICES}
        with plant_stack(folder, audit) as stack:
            samples, seen = _soak(stack, seconds)
            printed = stack.printed
    trends = _trends(samples)
    _print(trends, seen, seconds)
    _write(trends, seen, seconds)
    growing = [f"{process}: {what}" for process, all_ in trends.items() for what, each in all_.items() if not each.flat]
    crashes = printed.count(_KNOWN_CRASH)
    restarts = printed.count("starting it again") + printed.count("restarting it") - crashes
    problems = [*(f"grows: {each}" for each in growing), *sorted(set(seen.wrong)), *_undue(seen, crashes)]
    problems += [f"{restarts} processes were started again"] if restarts else []
    if crashes:
        sys.stdout.write(f"Triton's server crashed {crashes} times as in its issue 7368, and was started again\n")
    if crashes * _SECONDS_A_CRASH > max(seconds, _SECONDS_A_CRASH):
        problems.append("that is too often")
    sys.stdout.write("".join(f"!! {problem}\n" for problem in problems) or "flat\n")
    return 1 if problems else 0


def _soak(stack: PlantStack, seconds: float) -> tuple[Samples, Seen]:
    addresses = {service: stack.address(service) for service in SERVICES}
    kinds = [*plant_calls({}), *soak_calls(addresses["vision"])]
    samples, start = Samples(stack), time.monotonic()
    pause = max(_SHORTEST_PAUSE, seconds / _SAMPLES)
    with traffic(addresses, [kind for kind in kinds if "CreatePhraseSet" not in kind.name]) as callers:
        while time.monotonic() - start < seconds:
            time.sleep(pause)
            samples.take()
        return samples, callers.take()


def _trends(samples: Samples) -> Trends:
    return {
        process: {what: trend(what, [each[what] for each in taken]) for what in taken[0]}
        for process, taken in sorted(samples.by_process.items())
        if len(taken) >= FEWEST
    }


def _undue(seen: Seen, crashes: int) -> list[str]:
    """Failures that nothing has caused here."""
    if crashes and set(seen.failed) <= {("UNAVAILABLE", "TRITON_UNAVAILABLE")}:
        return []
    if not seen.failed:
        return []
    kinds = ", ".join(f"{count} of {kind}" for kind, count in seen.failed_kinds.items())
    return [f"{count} calls failed: {' '.join(pair)} ({kinds})" for pair, count in seen.failed.items()]


def _print(trends: Trends, seen: Seen, seconds: float) -> None:
    calls = seen.right.total() + seen.retried.total()
    sys.stdout.write(
        f"{seconds:.0f} s, {calls} calls, {seen.retried.total()} of them after retries; "
        "medians of the middle and the last third\n"
    )
    columns = ("rss", "fds", "threads", "tasks", "shm")
    sys.stdout.write(
        f"{'process':26s}"
        + "".join(
            f"{name:>22s}"
            for name in ("RSS, MiB", "file descriptors", "threads", "asyncio tasks", "shared memory, MiB")
        )
        + "\n"
    )
    for process, found in trends.items():
        cells = (_cell(what, found.get(what)) for what in columns)
        sys.stdout.write(f"{process:26s}" + "".join(f"{cell:>22s}" for cell in cells) + "\n")


def _cell(what: str, found: Trend | None) -> str:
    if found is None:
        return ""
    unit, digits = (MEBIBYTE, 1) if what in _IN_MEBIBYTES else (1, 0)
    mark = "" if found.flat else " !!"
    return f"{found.middle / unit:.{digits}f} -> {found.last / unit:.{digits}f}{mark}"


def _write(trends: Trends, seen: Seen, seconds: float) -> None:
    _DATA.parent.mkdir(parents=True, exist_ok=True)
    plain = {
        "seconds": seconds,
        "right": dict(seen.right),
        "retried": dict(seen.retried),
        "processes": {
            process: {
                what: {"middle": each.middle, "last": each.last, "flat": each.flat} for what, each in all_.items()
            }
            for process, all_ in trends.items()
        },
    }
    _DATA.write_text(json.dumps(plain, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
