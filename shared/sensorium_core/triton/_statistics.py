"""Triton's counters, and what they say of the last moments."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ModelCounters:
    """Sums since the model was loaded, over all its versions.

    Attributes:
        inference_count: samples inferred.
        execution_count: runs of the model; fewer than samples where batching merged them.
        success_count, fail_count: requests.
        queue_ns, compute_ns: nanoseconds of the successful requests in the queue, and in input, inference and output.
        batches: runs by batch size.
        versions: those that are loaded.
    """

    inference_count: int = 0
    execution_count: int = 0
    success_count: int = 0
    fail_count: int = 0
    queue_ns: int = 0
    compute_ns: int = 0
    batches: Mapping[int, int] = field(default_factory=dict)
    versions: tuple[str, ...] = ()

    def since(self, before: "ModelCounters") -> "ModelCounters":
        """What was added since `before`; everything, when the model was loaded anew in between."""
        delta = self._minus(before)
        sums = (delta.inference_count, delta.execution_count, delta.success_count, delta.fail_count)
        fell = min(*sums, delta.queue_ns, delta.compute_ns, *delta.batches.values()) < 0
        return self if fell else delta

    def _minus(self, before: "ModelCounters") -> "ModelCounters":
        return ModelCounters(
            self.inference_count - before.inference_count,
            self.execution_count - before.execution_count,
            self.success_count - before.success_count,
            self.fail_count - before.fail_count,
            self.queue_ns - before.queue_ns,
            self.compute_ns - before.compute_ns,
            {size: runs - before.batches.get(size, 0) for size, runs in self.batches.items()},
            self.versions,
        )

    @property
    def queue_share(self) -> float:
        """The queue's part of queue and compute time together, 0 to 1."""
        total = self.queue_ns + self.compute_ns
        return self.queue_ns / total if total else 0.0


def counters(model_stats: Iterable[Any]) -> dict[str, ModelCounters]:
    """The counters in the `model_stats` of a ModelStatisticsResponse, by model name."""
    by_model: dict[str, list[Any]] = {}
    for entry in model_stats:
        by_model.setdefault(entry.name, []).append(entry)
    return {name: _sum(versions) for name, versions in by_model.items()}


def _sum(versions: list[Any]) -> ModelCounters:
    stats = [version.inference_stats for version in versions]
    batches: dict[int, int] = {}
    for version in versions:
        for batch in version.batch_stats:
            batches[batch.batch_size] = batches.get(batch.batch_size, 0) + batch.compute_infer.count
    return ModelCounters(
        inference_count=sum(version.inference_count for version in versions),
        execution_count=sum(version.execution_count for version in versions),
        success_count=sum(s.success.count for s in stats),
        fail_count=sum(s.fail.count for s in stats),
        queue_ns=sum(s.queue.ns for s in stats),
        compute_ns=sum(s.compute_input.ns + s.compute_infer.ns + s.compute_output.ns for s in stats),
        batches=batches,
        versions=tuple(version.version for version in versions),
    )
