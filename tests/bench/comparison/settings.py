"""How long the benchmark takes and how much of it is run, from environment variables."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ROOT", "Selection", "Settings"]

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Selection:
    """What is to be run; an empty set stands for everything of its kind."""

    parts: frozenset[str] = frozenset()
    workloads: frozenset[str] = frozenset()
    systems: frozenset[str] = frozenset()

    @classmethod
    def parse(
        cls, text: str, *, parts: Collection[str], workloads: Collection[str], systems: Collection[str]
    ) -> "Selection":
        """Reads names of parts, workloads and systems, in any order; those of one kind narrow that kind.

        Raises:
            ValueError: a word is none of them.
        """
        words = frozenset(text.replace(",", " ").split())
        unknown = words - {*parts, *workloads, *systems}
        if unknown:
            there = "; ".join(" ".join(names) for names in (parts, workloads, systems))
            raise ValueError(f"BENCH_ONLY: {' '.join(sorted(unknown))} is none of: {there}")
        return cls(words & set(parts), words & set(workloads), words & set(systems))

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return not (self.parts or self.workloads or self.systems)

    def part(self, name: str) -> bool:
        """Whether a part is to be run."""
        return not self.parts or name in self.parts

    def workload(self, name: str) -> bool:
        """Whether a workload is to be run."""
        return not self.workloads or name in self.workloads

    def system(self, name: str) -> bool:
        """Whether a system is to be run."""
        return not self.systems or name in self.systems


@dataclass(frozen=True)
class Settings:
    """How much is measured.

    Attributes:
        rounds: turns that each system gets at each load; medians are of them.
        seconds: of one measurement; slow work takes longer, until enough requests have ended.
        pictures: that go through the stream.
        folder: where results, plots and installed peers lie.
    """

    rounds: int = 5
    seconds: float = 1.0
    pictures: int = 10_000
    folder: Path = ROOT / "build" / "bench"

    @classmethod
    def load(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Reads BENCH_ROUNDS, BENCH_SECONDS and BENCH_PICTURES.

        Raises:
            ValueError: one is no number above 0.
        """
        return cls(
            rounds=int(_positive(environment, "BENCH_ROUNDS", cls.rounds)),
            seconds=_positive(environment, "BENCH_SECONDS", cls.seconds),
            pictures=int(_positive(environment, "BENCH_PICTURES", cls.pictures)),
        )


def _positive(environment: Mapping[str, str], name: str, default: float) -> float:
    value = float(environment.get(name) or default)
    if value <= 0:
        raise ValueError(f"{name}={environment[name]} must be above 0")
    return value
