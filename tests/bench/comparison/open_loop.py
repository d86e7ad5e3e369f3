"""The open loop: callers who know nothing of each other and do not wait for each other's answers.

This is the Server scenario of MLPerf Inference: arrivals of a Poisson process, and the highest rate at which the 99th
percentile of the latency, waiting included, stays under a bound.
"""

from collections.abc import Callable

from bench.comparison.generator import JobError
from bench.comparison.measuring import Load, measure
from bench.comparison.records import Bench, Failure, Record
from bench.comparison.rounds import Up, awake
from bench.comparison.workloads import Workload

__all__ = ["open_loop", "search"]

_STEPS = 5
_PEAK_CALLERS = 32


def search(holds: Callable[[float], bool], steps: int) -> float:
    """The largest share of a peak, up to 1, that `holds` is true for, by bisection; 0 when none was.

    Each step halves what is not known; the result is a share that was tried and held.
    """
    low, high = 0.0, 1.0
    for _ in range(steps):
        middle = (low + high) / 2
        if holds(middle):
            low = middle
        else:
            high = middle
    return low


def open_loop(up: Up, asked: list[Workload], bench: Bench) -> None:
    """Searches for the rate that each system holds, anew in every round, with a closed loop before it for the peak."""
    for one in asked:
        for number in range(bench.settings.rounds):
            for name, (system, _) in up.items():
                if one.name in system.workloads:
                    _search(one, name, number, up, bench)


def _search(one: Workload, name: str, number: int, up: Up, bench: Bench) -> None:
    system, running = up[name]
    seconds = bench.settings.seconds
    try:
        with awake(running):
            peak = measure(system, running, one.name, Load(_PEAK_CALLERS, seconds=seconds)).throughput

            def holds(share: float) -> bool:
                load = Load(rate=peak * share, seconds=seconds, seed=number + 1)
                found = measure(system, running, one.name, load)
                return found.kept_up and found.at(99) <= one.bound

            share = search(holds, _STEPS)
    except JobError as error:
        bench.fail(Failure("open", one.name, name, str(error)))
        return
    values = {"peak": peak, "rate": peak * share, "share": share, "bound": one.bound}
    bench.results.records.append(Record("open", one.name, name, "held", number, values))
    bench.say(
        f"{one.name:13} open loop     round {number + 1}  {name:9} "
        f"{peak * share:.1f} a second held, {share:.0%} of {peak:.1f}"
    )
