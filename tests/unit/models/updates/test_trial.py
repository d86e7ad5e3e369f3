"""Whether the answers of one version may take the place of another's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sensorium_core.triton import parse_config
from sensorium_models.updates import RefusedError, Rules
from sensorium_models.updates._records import Record
from sensorium_models.updates._trial import Trial, Verdict

CONFIG = parse_config(
    """
    name: "net"
    output { name: "probabilities" data_type: TYPE_FP32 dims: [3] }
    output { name: "tokens" data_type: TYPE_INT32 dims: [-1] }
    output { name: "embedding" data_type: TYPE_FP32 dims: [8] }
    parameters { key: "labels" value { string_value: "[\\"a\\", \\"b\\", \\"c\\"]" } }
    """
)
EMBEDDER = parse_config('name: "net" output { name: "embedding" data_type: TYPE_FP32 dims: [8] }')
ROWS = np.array([[0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.1, 0.2, 0.7], [0.5, 0.4, 0.1]], np.float32)


def compare(
    before: NDArray[Any],
    after: NDArray[Any],
    rules: Rules,
    *,
    output: str = "probabilities",
    truth: Sequence[int] | None = None,
    tolerances: dict[str, float] | None = None,
) -> Verdict:
    right = {} if truth is None else {output: np.array(truth)}
    trial = Trial([Record("one", {}, right)], CONFIG, rules, tolerances)
    return trial.compare([{output: before}], [{output: after}])


@pytest.mark.parametrize(("change", "passes"), [(0.0009, True), (0.0011, False)])
def test_without_a_recipe_a_thousandth_is_tolerated(change: float, passes: bool) -> None:
    verdict = compare(ROWS, ROWS + np.float32(change), Rules())
    assert (not verdict.problems) is passes


@pytest.mark.parametrize(("rules", "passes"), [(Rules(), True), (Rules(tolerance=0.01), False)])
def test_the_recipes_tolerance_counts_unless_another_is_given(rules: Rules, passes: bool) -> None:
    verdict = compare(ROWS, ROWS + np.float32(0.04), rules, tolerances={"probabilities": 0.05})
    assert (not verdict.problems) is passes
    told = (*verdict.lines, *verdict.problems)
    assert told == (f"probabilities: 0.04 from the version that serves (of {0.05 if passes else 0.01})",)


def test_infinities_in_the_same_places_are_no_difference() -> None:
    logs = np.array([[-np.inf, 0.0, np.nan]], np.float32)
    assert compare(logs, logs.copy(), Rules(tolerance=0)).problems == ()
    assert compare(logs, np.array([[-1.0, 0.0, np.nan]], np.float32), Rules(tolerance=1e9)).problems != ()


@pytest.mark.parametrize("rules", [Rules(tolerance=1e9), Rules(agreement=0.0)], ids=["tolerance", "agreement"])
def test_what_is_no_number_never_passes(rules: Rules) -> None:
    assert compare(ROWS, np.full_like(ROWS, np.nan), rules).problems == (
        "one: probabilities has values that are no numbers",
    )


def test_another_shape_or_type_never_passes() -> None:
    wrong = compare(ROWS, ROWS[:, :2], Rules(tolerance=1e9))
    assert wrong.problems == ("one: probabilities came as float32[4, 2], expected float32[4, 3]",)
    assert compare(ROWS, ROWS.astype(np.float64), Rules(tolerance=1e9)).problems != ()


@pytest.mark.parametrize(("least", "passes"), [(0.75, True), (0.76, False)])
def test_agreement_is_the_share_of_rows_whose_strongest_class_stays(least: float, passes: bool) -> None:
    other = ROWS.copy()
    other[3] = [0.4, 0.5, 0.1]
    verdict = compare(ROWS, other, Rules(agreement=least))
    assert (not verdict.problems) is passes
    assert f"75.0% of the decisions stay (of {least:.1%})" in "".join((*verdict.lines, *verdict.problems))


def test_whole_numbers_are_decisions_and_another_length_is_none_that_stays() -> None:
    tokens = np.array([[5, 6, 7, -1]], np.int32)
    assert compare(tokens, tokens.copy(), Rules(agreement=1.0), output="tokens").problems == ()
    trial = Trial([Record("one", {}, {})], CONFIG, Rules(agreement=0.1))
    answers = {"tokens": tokens, "probabilities": ROWS}
    verdict = trial.compare([answers], [answers | {"tokens": tokens[:, :2]}])
    assert verdict.problems == ("tokens: 0.0% of the decisions stay (of 10.0%)",)


def test_a_model_without_decisions_cannot_be_judged_by_them() -> None:
    with pytest.raises(RefusedError, match="NO_DECISIONS"):
        Trial([], EMBEDDER, Rules(agreement=0.9))


@pytest.mark.parametrize(("truth", "passes"), [([0, 1, 2, 1], True), ([0, 1, 2, 0], False)])
def test_where_the_truth_is_known_fewer_right_answers_never_pass(truth: list[int], passes: bool) -> None:
    other = ROWS.copy()
    other[3] = [0.4, 0.5, 0.1]
    verdict = compare(ROWS, other, Rules(tolerance=1.0), truth=truth)
    assert (not verdict.problems) is passes


async def test_answers_are_asked_for_record_by_record() -> None:
    async def double(inputs: Any) -> Any:
        return {"y": inputs["x"] * 2}

    records = [Record(str(number), {"x": np.array([[number]])}, {}) for number in (1, 2)]
    answers = await Trial(records, EMBEDDER, Rules()).answers(double)
    assert [answer["y"].tolist() for answer in answers] == [[[2]], [[4]]]
