"""The check's judgement: how far is too far, and what can never pass."""

import numpy as np
import pytest

from sensorium_models.check import CheckResult, OutputCheck
from sensorium_models.recipe import largest_differences
from sensorium_models.scores import Score


def test_the_largest_difference_counts_also_for_bytes() -> None:
    expected = {"map": np.array([250.0, 3.0])}
    assert largest_differences(expected, {"map": np.array([255, 1], np.uint8)}) == {"map": 5.0}


def test_another_shape_is_infinitely_far() -> None:
    assert largest_differences({"x": np.zeros(3)}, {"x": np.zeros(4)}) == {"x": float("inf")}


def test_an_empty_answer_that_was_expected_is_no_difference() -> None:
    assert largest_differences({"x": np.zeros((0, 4))}, {"x": np.zeros((0, 4))}) == {"x": 0.0}


@pytest.mark.parametrize(
    ("error", "passed"), [(0.0, True), (0.1, True), (0.11, False), (float("inf"), False), (float("nan"), False)]
)
def test_an_output_passes_up_to_its_tolerance(error: float, passed: bool) -> None:
    assert OutputCheck("y", error, 0.1).passed is passed


def test_one_output_too_far_fails_the_model_and_the_line_says_so() -> None:
    result = CheckResult("net", 2, (OutputCheck("a", 0.0, 1e-3), OutputCheck("b", 0.5, 1e-3)))
    assert not result.passed
    assert str(result) == "net: DIFFERS from its source on 2 cases; a 0 (of 0.001), b 0.5 (of 0.001)"


def test_where_padding_was_expected_anything_will_do() -> None:
    expected = {"x": np.array([1.0, np.nan])}
    assert largest_differences(expected, {"x": np.array([1.0, 7.0])}) == {"x": 0.0}
    assert np.isnan(largest_differences(expected, {"x": np.array([np.nan, 7.0])})["x"])


def test_a_score_too_low_fails_a_model_that_equals_its_source() -> None:
    result = CheckResult("net", 2, (OutputCheck("a", 0.0, 1e-3),), (Score("accuracy", 0.9, 0.97),))
    assert not result.passed
    assert str(result) == (
        "net: equals its source on 2 cases; a 0 (of 0.001)\n  accuracy: 90.0% (TOO LOW, at least 97%)"
    )
