import pytest

from bench.comparison.open_loop import search


@pytest.mark.parametrize(("threshold", "found"), [(0.8, 0.78125), (0.03, 0.0), (1.0, 0.96875)])
def test_the_largest_share_that_holds_is_found_to_a_thirty_second(threshold: float, found: float) -> None:
    tried: list[float] = []

    def holds(share: float) -> bool:
        tried.append(share)
        return share <= threshold

    assert search(holds, 5) == found
    assert len(tried) == 5
    assert found == 0.0 or found in tried
