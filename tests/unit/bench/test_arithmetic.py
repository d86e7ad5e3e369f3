import itertools
import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.comparison.arithmetic import Spread, paired_ratio, percentile, poisson_arrivals, spread


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [15.0, 20.0, 35.0, 40.0, 50.0]
    assert [percentile(values, percent) for percent in (5, 30, 40, 50, 100)] == [15.0, 20.0, 20.0, 35.0, 50.0]


def test_the_99th_percentile_of_a_hundred_leaves_one_above() -> None:
    assert percentile([float(value) for value in range(100, 0, -1)], 99) == 99.0


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.1, 100))
def test_so_many_do_not_exceed_a_percentile_and_no_smaller_value_will_do(values: list[float], percent: float) -> None:
    found = percentile(values, percent)
    assert sum(value <= found for value in values) >= math.floor(len(values) * percent / 100)
    assert sum(value < found for value in values) < len(values) * percent / 100


@pytest.mark.parametrize(("values", "percent"), [([], 50), ([1.0], 0), ([1.0], 101)])
def test_there_is_no_percentile_of_nothing_or_beyond_100(values: list[float], percent: float) -> None:
    with pytest.raises(ValueError, match=r"percent"):
        percentile(values, percent)


def test_a_spread_tells_median_least_and_most() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0, 3)
    assert str(spread([3.0, 1.0, 2.25])) == "2.25 (1-3)"


def test_ratios_are_taken_within_rounds_so_that_a_slow_round_changes_none() -> None:
    assert paired_ratio([10.0, 100.0, 1.0], [20.0, 200.0, 2.0]) == Spread(0.5, 0.5, 0.5, 3)


def test_ratios_of_unequal_rounds_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        paired_ratio([1.0, 2.0], [1.0])


def test_poisson_arrivals_have_their_rate_and_are_as_irregular_as_chance() -> None:
    moments = list(poisson_arrivals(100.0, 100.0, seed=7))
    assert len(moments) == pytest.approx(10_000, rel=0.03)
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    assert min(gaps) > 0
    assert statistics.stdev(gaps) == pytest.approx(statistics.mean(gaps), rel=0.05)  # exponential: deviation = mean


def test_equal_seeds_give_equal_arrivals_and_none_is_late() -> None:
    assert list(poisson_arrivals(5, 10, seed=1)) == list(poisson_arrivals(5, 10, seed=1))
    assert list(poisson_arrivals(5, 10, seed=1)) != list(poisson_arrivals(5, 10, seed=2))
    assert max(poisson_arrivals(5, 10, seed=1)) <= 10
