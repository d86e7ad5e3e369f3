"""The search for the rate that a system holds."""

import pytest

from bench.comparison.open_loop import search


@pytest.mark.parametrize("guess", [1, 4, 12, 16])
@pytest.mark.parametrize("held", range(17))
def test_the_search_finds_the_largest_share_that_is_held_wherever_it_begins(held: int, guess: int) -> None:
    assert search(lambda share: share <= held / 16, guess) == held


@pytest.mark.parametrize(("held", "guess", "tried"), [(12, 12, [12, 13]), (16, 16, [16]), (11, 12, [12, 11])])
def test_a_good_guess_takes_two_tries(held: int, guess: int, tried: list[int]) -> None:
    seen = []

    def holds(share: float) -> bool:
        seen.append(round(share * 16))
        return share <= held / 16

    search(holds, guess)
    assert seen == tried
