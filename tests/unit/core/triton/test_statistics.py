"""Deltas of Triton's counters."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sensorium_core.triton import ModelCounters

counts = st.integers(0, 10**12)
batches = st.dictionaries(st.integers(1, 64), st.integers(0, 10**6), max_size=5)
all_counters = st.builds(ModelCounters, counts, counts, counts, counts, counts, counts, batches)


def plus(one: ModelCounters, other: ModelCounters) -> ModelCounters:
    sums: Any = [a + b for a, b in zip(astuple(one)[:6], astuple(other)[:6], strict=True)]
    sizes = {*one.batches, *other.batches}
    runs = {size: one.batches.get(size, 0) + other.batches.get(size, 0) for size in sizes}
    inferences, executions, successes, failures, queue, compute = sums
    return ModelCounters(inferences, executions, successes, failures, queue, compute, runs)


@given(all_counters, all_counters)
def test_what_was_added_is_what_is_told(before: ModelCounters, added: ModelCounters) -> None:
    delta = plus(before, added).since(before)
    assert astuple(delta)[:6] == astuple(added)[:6]
    assert {size: runs for size, runs in delta.batches.items() if runs} == {
        size: runs for size, runs in added.batches.items() if runs
    }


@given(all_counters, all_counters)
def test_a_delta_is_never_negative(before: ModelCounters, now: ModelCounters) -> None:
    delta = now.since(before)
    assert min([*astuple(delta)[:6], *delta.batches.values()]) >= 0


def test_a_model_that_was_loaded_anew_counts_from_nothing() -> None:
    before = ModelCounters(10, 10, 10, 0, 5_000, 9_000, {1: 10})
    now = ModelCounters(12, 12, 12, 0, 40, 60, {1: 12})  # more requests than before already, in less time
    assert now.since(before) == now


@given(all_counters)
def test_the_queues_share_is_a_share(counters: ModelCounters) -> None:
    assert 0 <= counters.queue_share <= 1
    assert ModelCounters().queue_share == 0
    assert ModelCounters(queue_ns=3, compute_ns=1).queue_share == 0.75
