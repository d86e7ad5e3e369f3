"""The open loop: callers who know nothing of each other and do not wait for each other's answers.

This is the Server scenario of MLPerf Inference: arrivals of a Poisson process, and the highest rate at which the 99th
percentile of the latency, waiting included, stays under a bound.
"""

from collections.abc import Callable

from bench.comparison.generator import JobError
from bench.comparison.measuring import Load, measure
from bench.comparison.records import Bench, Failure, Record
from bench.comparison.rounds import Up, awake
from bench.comparison.systems import Running, System
from bench.comparison.workloads import Workload

__all__ = ["open_loop", "search"]

_FIRST = 12  # sixteenths of the peak: where the first round begins
_PEAK_CALLERS = 32
_JUDGED = "suite"
_PARTS = 16


def search(holds: Callable[[float], bool], guess: int) -> int:
    """The largest load that `holds` is true for, in sixteenths of the peak; 0 when none was.

    It goes up from the guess as long as what it tries is held, or else down until something is: with a good guess, such
    as what another round has found, it tries twice. The result was tried and held, and the next larger was not.
    """
    found = guess
    if holds(found / _PARTS):
        while found < _PARTS and holds((found + 1) / _PARTS):
            found += 1
        return found
    while found > 1:
        found -= 1
        if holds(found / _PARTS):
            return found
    return 0


def open_loop(up: Up, asked: list[Workload], bench: Bench) -> None:
    """Searches in every round for the rate that each system holds.

    The suite's peak, against which its rate is judged, is measured just before; the others' are those of the closed
    loop, where that was measured.
    """
    for one in asked:
        guesses = {name: _FIRST for name, (system, _) in up.items() if one.name in system.workloads}
        for number in range(bench.settings.rounds):
            for name, guess in guesses.items():
                guesses[name] = _search(one, number, up[name], bench, guess)


def _known_peak(name: str, system: str, bench: Bench) -> float | None:
    found = bench.results.spread("closed", name, system, str(_PEAK_CALLERS), "throughput")
    return found.median if found and system != _JUDGED else None


def _search(one: Workload, number: int, side: tuple[System, Running], bench: Bench, guess: int) -> int:
    system, running = side
    seconds = bench.settings.seconds
    try:
        with awake(running):
            peak = _known_peak(one.name, system.name, bench)
            if peak is None:
                peak = measure(system, running, one.name, Load(_PEAK_CALLERS, seconds=seconds)).throughput

            def holds(share: float) -> bool:
                load = Load(rate=peak * share, seconds=seconds, seed=number + 1)
                found = measure(system, running, one.name, load)
                return found.kept_up and found.at(99) <= one.bound

            found = search(holds, max(1, guess))
    except JobError as error:
        bench.fail(Failure("open", one.name, system.name, str(error)))
        return guess
    share = found / _PARTS
    values = {"peak": peak, "rate": peak * share, "share": share, "bound": one.bound}
    bench.results.records.append(Record("open", one.name, system.name, "held", number, values))
    bench.say(
        f"{one.name:13} open loop     round {number + 1}  {system.name:9} "
        f"{peak * share:.1f} a second held, {share:.0%} of {peak:.1f}"
    )
    return found
