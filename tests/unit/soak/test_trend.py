"""What a soak takes for flat, and what for growing."""

from __future__ import annotations

import pytest

from soak.trend import MEBIBYTE, trend


def test_a_warm_up_is_no_growth() -> None:
    assert trend("rss", [MEBIBYTE * size for size in (50, 90, 140, 150, 150, 150, 151, 150, 152)]).flat


def test_single_peaks_are_no_growth() -> None:
    assert trend("fds", [20, 20, 20, 20, 20, 20, 20, 900, 20]).flat


def test_steady_growth_is_found() -> None:
    found = trend("rss", [MEBIBYTE * (100 + 2 * step) for step in range(30)])
    assert (found.middle / MEBIBYTE, found.last / MEBIBYTE, found.flat) == (129.0, 149.0, False)


@pytest.mark.parametrize(("what", "more"), [("fds", 5), ("threads", 3), ("tasks", 9)])
def test_each_has_an_allowance(what: str, more: int) -> None:
    assert trend(what, [10.0] * 6 + [10.0 * 1.02 + more - 1] * 3).flat
    assert not trend(what, [10.0] * 6 + [10.0 + more] * 3).flat


def test_a_few_samples_say_nothing() -> None:
    with pytest.raises(ValueError, match="8 samples"):
        trend("rss", [1.0] * 8)
