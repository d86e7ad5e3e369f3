"""What has been measured, as it lies in `results.json`."""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from bench.comparison.arithmetic import Spread, spread
from bench.comparison.generator import Result
from bench.comparison.settings import Selection, Settings

__all__ = ["Bench", "Failure", "Place", "Record", "Results", "common_rounds", "record"]


@dataclass(frozen=True)
class Record:
    """One figure-giving run.

    Attributes:
        part, workload, system, load: what was measured: `closed`, `classify_jpeg`, `suite`, `32`.
        round: of the rounds; systems of the same round were measured right after each other.
        values: figures by name: `throughput` per second, `p50`, `p90`, `p99` and `mean` in ms, `cost` in CPU-ms a
            request of all serving processes, `own` of the generator, `others` in processors, `batch` in rows, `memory`
            in MiB; or what the part has.
        processes: CPU-ms a request of each serving process.
    """

    part: str
    workload: str
    system: str
    load: str
    round: int
    values: dict[str, float]
    processes: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """A run that gave no figure, and why."""

    part: str
    workload: str
    system: str
    reason: str


class Place(NamedTuple):
    """What a measurement is of; see `Record`."""

    part: str
    workload: str
    system: str
    load: str
    round: int


def record(place: Place, result: Result) -> Record:
    """The record of a measurement."""
    values = {
        "throughput": result.throughput,
        "p50": result.at(50),
        "p90": result.at(90),
        "p99": result.at(99),
        "mean": sum(result.latencies) / len(result.latencies),
        "cost": result.cost,
        "own": result.own / result.completed * 1e3,
        "others": result.others,
        "batch": result.batch,
        "memory": result.memory / 2**20,
        "completed": float(result.completed),
        "turned_away": float(result.turned_away),
    }
    processes = {name: seconds / result.completed * 1e3 for name, seconds in result.cpu.items()}
    return Record(*place, values, processes)


@dataclass
class Results:
    """Everything of a run of the benchmark."""

    machine: dict[str, Any]
    settings: dict[str, Any]
    records: list[Record] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)

    def select(self, part: str, workload: str, system: str, load: str) -> list[Record]:
        """Records in the order of their rounds."""
        wanted = (part, workload, system, load)
        found = (one for one in self.records if (one.part, one.workload, one.system, one.load) == wanted)
        return sorted(found, key=lambda one: one.round)

    def values(self, part: str, workload: str, system: str, load: str, name: str) -> dict[int, float]:
        """A figure by round."""
        return {one.round: one.values[name] for one in self.select(part, workload, system, load) if name in one.values}

    def spread(self, part: str, workload: str, system: str, load: str, name: str) -> Spread | None:
        """A figure's median and spread; None where it was not measured."""
        found = self.values(part, workload, system, load, name)
        return spread(found.values()) if found else None

    def systems(self, part: str, workload: str) -> list[str]:
        """Systems that were measured, in the order in which they first were."""
        return list(dict.fromkeys(one.system for one in self.records if (one.part, one.workload) == (part, workload)))

    def write(self, path: Path) -> None:
        """Writes JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False))

    @classmethod
    def read(cls, path: Path) -> "Results":
        """Reads what `write` has written."""
        content = json.loads(path.read_text())
        records = [Record(**one) for one in content.pop("records")]
        failures = [Failure(**one) for one in content.pop("failures")]
        return cls(records=records, failures=failures, **content)


def common_rounds(*sides: dict[int, float]) -> list[Sequence[float]]:
    """The figures of those rounds that all sides have, side by side."""
    rounds: Iterable[int] = sorted(set.intersection(*(set(side) for side in sides)))
    kept = list(rounds)
    return [[side[number] for number in kept] for side in sides]


@dataclass(frozen=True)
class Bench:
    """A run of the benchmark: what is to be done, and what came of it."""

    settings: Settings
    selection: Selection
    results: Results

    def say(self, line: str) -> None:
        """Prints a line."""
        print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)

    def fail(self, failure: Failure) -> None:
        """Notes that something gave no figure."""
        self.results.failures.append(failure)
        self.say(f"NO FIGURE: {failure.part} {failure.workload} {failure.system}: {failure.reason}")
