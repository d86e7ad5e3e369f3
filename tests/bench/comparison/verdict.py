"""The five figures that the project has set itself, each met, missed or not measured."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bench.comparison.arithmetic import Spread, paired_ratio
from bench.comparison.records import Results, common_rounds

__all__ = ["Check", "Figure", "judge", "table"]

FRAMEWORKS = ("litserve", "bentoml", "mlserver", "rayserve")
MANY, ONE = "32", "1"
MET, MISSED, UNKNOWN = "met", "MISSED", "not measured"


@dataclass(frozen=True)
class Check:
    """One comparison: `found` against a bound, from below or from above."""

    what: str
    found: Spread | None
    bound: float
    at_least: bool

    @property
    def state(self) -> str:
        """Met, missed or not measured; the median decides."""
        if self.found is None:
            return UNKNOWN
        kept = self.found.median >= self.bound if self.at_least else self.found.median <= self.bound
        return MET if kept else MISSED

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        return f"{self.what}: {self.found or '-'} ({sign} {self.bound:g}) {self.state}"


@dataclass(frozen=True)
class Figure:
    """A figure and the comparisons that it consists of."""

    number: int
    title: str
    checks: tuple[Check, ...]

    @property
    def state(self) -> str:
        """Missed when a comparison is; met only when all are."""
        states = {check.state for check in self.checks}
        return next((state for state in (MISSED, UNKNOWN) if state in states), MET)


def judge(results: Results) -> list[Figure]:
    """The five figures."""
    made: list[tuple[str, Callable[[Results], Iterable[Check]]]] = [
        ("cost of the in-process limit by the suite's; throughput by direct Triton's", _limit),
        ("ahead of what a user would pick instead", _peers),
        ("added latency, and cost of the service process", _service),
        ("open loop: the rate held by the closed-loop peak", _open_loop),
        ("growth", _growth),
    ]
    return [Figure(number, title, tuple(make(results))) for number, (title, make) in enumerate(made, 1)]


def table(figures: Iterable[Figure]) -> str:
    """For people: each figure, and below it its comparisons."""
    lines = []
    for figure in figures:
        lines.append(f"{figure.number}. {figure.title}: {figure.state}")
        lines += [f"     {check}" for check in figure.checks]
    return "\n".join(lines)


def _ratio(results: Results, workload: str, above: str, below: str, name: str) -> Spread | None:
    """The ratio of a figure between two systems with many callers, round by round; None unless both were measured."""
    sides = common_rounds(*(results.values("closed", workload, side, MANY, name) for side in (above, below)))
    return paired_ratio(*sides) if sides[0] else None


def _limit(results: Results) -> Iterator[Check]:
    bounds = {"classify_jpeg": 0.85, "classify_raw": 0.80, "embed_16": 0.80, "read_text": 0.90, "transcribe": 0.90}
    for workload, bound in bounds.items():
        found = _ratio(results, workload, "limit", "suite", "cost")
        yield Check(f"{workload}, cost of the limit / the suite's", found, bound, at_least=True)
    found = _ratio(results, "classify_raw", "suite", "perf_analyzer", "throughput")
    yield Check("classify_raw, throughput / direct Triton's by perf_analyzer", found, 0.92, at_least=True)


def _peers(results: Results) -> Iterator[Check]:
    for workload in ("classify_jpeg", "classify_raw", "embed_1", "embed_16"):
        cheap = _is_cheap(results, workload)
        for system in FRAMEWORKS:
            yield from _ahead(results, workload, system, 2.0 if cheap else 1.0)
    for workload in ("classify_jpeg", "classify_raw"):
        yield _throughput(results, workload, "fastapi", 0.97)
    for workload, system in {
        "embed_1": "fastapi",
        "embed_16": "fastapi",
        "read_text": "rapidocr",
        "transcribe": "moonshine",
    }.items():
        yield _throughput(results, workload, system, 1.0)
    for workload in ("embed_1", "embed_16"):
        yield _throughput(results, workload, "infinity", 1.0)
    for workload in ("classify_jpeg", "classify_raw", "embed_1", "embed_16", "read_text", "transcribe"):
        yield Check(f"{workload}, p50 of one caller / the best's", _alone(results, workload), 1.25, at_least=False)


def _is_cheap(results: Results, workload: str) -> bool:
    cost = results.spread("closed", workload, "limit", MANY, "cost")
    return cost is not None and cost.median < 2.0


def _throughput(results: Results, workload: str, system: str, bound: float) -> Check:
    found = _ratio(results, workload, "suite", system, "throughput")
    return Check(f"{workload}, throughput / {system}'s", found, bound, at_least=True)


def _ahead(results: Results, workload: str, system: str, bound: float) -> Iterator[Check]:
    yield _throughput(results, workload, system, bound)
    late = _ratio(results, workload, "suite", system, "p99")
    yield Check(f"{workload}, p99 / {system}'s", late, 1.0 / bound, at_least=False)


def _alone(results: Results, workload: str) -> Spread | None:
    """The median latency of one caller by the best system's, that of this suite included."""
    ours = results.values("closed", workload, "suite", ONE, "p50")
    names = [name for name in results.systems("closed", workload) if name not in {"triton", "limit", "perf_analyzer"}]
    others = [results.values("closed", workload, name, ONE, "p50") for name in names if name != "suite"]
    others = [side for side in others if side]
    if not ours or not others:
        return None
    first, *rest = common_rounds(ours, *others)
    if not first:
        return None
    best = [min(values) for values in zip(first, *rest, strict=True)]
    return paired_ratio(first, best)


def _service(results: Results) -> Iterator[Check]:
    for workload, title, bound in (("small", "small tensors", 0.7), ("classify_raw", "raw frames", 0.9)):
        found = results.spread("added", workload, "suite", ONE, "added_p50")
        yield Check(f"{title}, added ms at one caller", found, bound, at_least=False)
    for workload, process, bound in (
        ("small", "sensorium_text", 0.45),
        ("classify_raw", "sensorium_vision", 1.2),
        ("classify_jpeg", "sensorium_vision", 2.4),
    ):
        records = results.select("closed", workload, "suite", MANY)
        own = [one.processes[process] for one in records if process in one.processes]
        found = paired_ratio(own, [1.0] * len(own)) if own else None
        yield Check(f"{workload}, CPU-ms of {process} a request", found, bound, at_least=False)


def _open_loop(results: Results) -> Iterator[Check]:
    workloads = dict.fromkeys(one.workload for one in results.records if one.part == "open")
    for workload in workloads or ("classify_jpeg",):
        found = results.spread("open", workload, "suite", "held", "share")
        yield Check(f"{workload}, rate held / closed-loop peak", found, 0.75, at_least=True)


def _growth(results: Results) -> Iterator[Check]:
    sides = (results.values("growth", "classify_raw", "suite", callers, "cost") for callers in ("1000", MANY))
    many, few = common_rounds(*sides)
    cost = paired_ratio(many, few) if many else None
    yield Check("cost a request at 1,000 callers / at 32", cost, 1.1, at_least=False)
    memory = results.spread("growth", "classify_raw", "suite", "1000", "admitted_memory")
    yield Check(
        "memory of the service beyond that at 256 callers, KiB for each further caller", memory, 64, at_least=False
    )
    stream = results.spread("stream", "classify_raw", "suite", "", "grown")
    yield Check("MiB that the service grew along the stream's last four fifths", stream, 16, at_least=False)
