"""How good predictions are, and when that is not good enough."""

import numpy as np
import pytest

from sensorium_models.scores import Score, accuracy, calibration_error


def test_accuracy_is_the_share_of_rows_whose_best_class_is_true() -> None:
    assert accuracy(np.array([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2]], np.float32), np.array([0, 1, 1])) == pytest.approx(
        2 / 3
    )


def test_who_says_ninety_percent_and_is_right_nine_times_of_ten_is_calibrated() -> None:
    rows = np.tile(np.array([[0.9, 0.1]], np.float32), (10, 1))
    assert calibration_error(rows, np.array([0] * 9 + [1])) == pytest.approx(0, abs=1e-6)
    assert calibration_error(rows, np.array([0] * 5 + [1] * 5)) == pytest.approx(0.4, abs=1e-6)


def test_errors_of_different_confidence_do_not_cancel_out() -> None:
    rows = np.array([[0.95, 0.05], [0.55, 0.45]], np.float32)
    assert calibration_error(rows, np.array([1, 0])) == pytest.approx((0.95 + 0.45) / 2, abs=1e-6)


def test_certainty_belongs_to_the_last_bin() -> None:
    assert calibration_error(np.array([[1.0, 0.0]], np.float32), np.array([0])) == 0


@pytest.mark.parametrize(("value", "passed"), [(0.97, True), (0.969, False), (float("nan"), False)])
def test_a_score_passes_from_its_least_value_on(value: float, passed: bool) -> None:
    assert Score("accuracy", value, 0.97).passed is passed


def test_a_score_says_what_it_is_and_what_it_should_be() -> None:
    assert str(Score("accuracy", 0.984, 0.97)) == "accuracy: 98.4% (at least 97%)"
    assert str(Score("accuracy", 0.951, 0.97)) == "accuracy: 95.1% (TOO LOW, at least 97%)"
