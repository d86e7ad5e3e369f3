"""Whether one version answers as another does, or better."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensorium_core.triton import datatype_name
from sensorium_models.recipe import Predict, Tensors
from sensorium_models.updates._errors import RefusedError
from sensorium_models.updates._records import Record

_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Rules:
    """What the answers of a new version must be like. Answers that are no numbers, or of another shape, never pass.

    Attributes:
        tolerance: how far any number may be from that of the version that serves; by default as the model's recipe
            says, else 0.001. For a model that was only exported or compressed anew.
        agreement: share of the decisions that must stay, 0 to 1, instead of a tolerance; for a model that was trained
            anew. Decisions are the strongest class of each row, and whole numbers.
    """

    tolerance: float | None = None
    agreement: float | None = None


@dataclass(frozen=True)
class Verdict:
    """What a comparison has found: lines for the operator, and why it is not enough; empty where it is."""

    lines: tuple[str, ...]
    problems: tuple[str, ...]


class Trial:
    """Compares versions on records.

    Args:
        records: what both are asked.
        config: the ModelConfig of the version that serves.
        rules: what is demanded.
        tolerances: those of the model's recipe, by output.

    Raises:
        RefusedError: NO_DECISIONS: agreement is demanded of a model that has none.
    """

    def __init__(
        self, records: Sequence[Record], config: Any, rules: Rules, tolerances: Mapping[str, float] | None = None
    ) -> None:
        self._records = records
        self._rules = rules
        self._tolerances = tolerances or {}
        self._deciding = _deciding(config)
        if rules.agreement is not None and not self._deciding:
            text = f"{config.name} has no classes whose agreement could be told: give a tolerance"
            raise RefusedError(text, "NO_DECISIONS")

    async def answers(self, predict: Predict) -> list[Tensors]:
        """What a version answers, record by record."""
        return [await predict(record.inputs) for record in self._records]

    def compare(self, before: Sequence[Tensors], after: Sequence[Tensors]) -> Verdict:
        """Compares the answers of the version that serves with those of another."""
        names = [record.name for record in self._records]
        malformed = [
            f"{record}: {problem}"
            for record, old, new in zip(names, before, after, strict=True)
            for problem in _malformed(old, new, self._deciding if self._rules.agreement is not None else {})
        ]
        if malformed:
            return Verdict((), tuple(malformed[:3]))
        judged = self._distances if self._rules.agreement is None else self._agreements
        verdicts = [judged(before, after), self._truths(before, after)]
        return Verdict(
            tuple(line for verdict in verdicts for line in verdict.lines),
            tuple(problem for verdict in verdicts for problem in verdict.problems),
        )

    def _distances(self, before: Sequence[Tensors], after: Sequence[Tensors]) -> Verdict:
        lines: list[str] = []
        problems: list[str] = []
        for output in before[0] if before else ():
            worst = max(_distance(old[output], new[output]) for old, new in zip(before, after, strict=True))
            limit = self._rules.tolerance
            limit = self._tolerances.get(output, _TOLERANCE) if limit is None else limit
            line = f"{output}: {worst:.2g} from the version that serves (of {limit:g})"
            (lines if worst <= limit else problems).append(line)
        return Verdict(tuple(lines), tuple(problems))

    def _agreements(self, before: Sequence[Tensors], after: Sequence[Tensors]) -> Verdict:
        lines: list[str] = []
        problems: list[str] = []
        for output, strongest in self._deciding.items():
            if not before or output not in before[0]:
                continue
            same = [
                _same_decisions(old[output], new[output], strongest=strongest)
                for old, new in zip(before, after, strict=True)
            ]
            share = float(np.concatenate(same).mean())
            line = f"{output}: {share:.1%} of the decisions stay (of {self._rules.agreement:.1%})"
            (lines if share >= (self._rules.agreement or 0.0) else problems).append(line)
        return Verdict(tuple(lines), tuple(problems))

    def _truths(self, before: Sequence[Tensors], after: Sequence[Tensors]) -> Verdict:
        lines: list[str] = []
        problems: list[str] = []
        for output in sorted({output for record in self._records for output in record.truth}):
            old, new = (self._accuracy(output, answers) for answers in (before, after))
            line = f"{output}: {new:.1%} right, {old:.1%} by the version that serves"
            (lines if new >= old else problems).append(line)
        return Verdict(tuple(lines), tuple(problems))

    def _accuracy(self, output: str, answers: Sequence[Tensors]) -> float:
        right = [
            given[output].argmax(-1) == record.truth[output]
            for record, given in zip(self._records, answers, strict=True)
            if output in record.truth
        ]
        return float(np.concatenate(right).mean())


def _deciding(config: Any) -> dict[str, bool]:
    """The outputs that are decisions: whether the strongest entry of a row is one, or every number itself."""
    labels = len(json.loads(config.parameters["labels"].string_value or "[]")) if "labels" in config.parameters else 0
    found = {}
    for tensor in config.output:
        kind = datatype_name(tensor.data_type)
        if kind.startswith("FP") and labels > 1 and list(tensor.dims)[-1:] == [labels]:
            found[tensor.name] = True
        elif kind.startswith(("INT", "BOOL")):
            found[tensor.name] = False
    return found


def _malformed(before: Tensors, after: Tensors, may_differ: Mapping[str, bool]) -> list[str]:
    found = []
    for output, old in before.items():
        new = after.get(output)
        if new is None:
            found.append(f"{output} is missing")
        elif new.dtype != old.dtype or (new.shape != old.shape and output not in may_differ):
            found.append(f"{output} came as {new.dtype}{list(new.shape)}, expected {old.dtype}{list(old.shape)}")
        elif np.isnan(new).any() and not np.isnan(old).any():
            found.append(f"{output} has values that are no numbers")
    return found


def _distance(before: NDArray[Any], after: NDArray[Any]) -> float:
    old, new = before.astype(np.float64), after.astype(np.float64)
    differing = ~((old == new) | (np.isnan(old) & np.isnan(new)))
    return float(np.nan_to_num(np.abs(old[differing] - new[differing]), nan=np.inf).max(initial=0.0))


def _same_decisions(before: NDArray[Any], after: NDArray[Any], *, strongest: bool) -> NDArray[np.bool_]:
    if before.shape != after.shape:
        return np.zeros(max(1, before.size // before.shape[-1] if strongest else before.size), np.bool_)
    same = before.argmax(-1) == after.argmax(-1) if strongest else before == after
    return np.asarray(same, np.bool_).ravel()
