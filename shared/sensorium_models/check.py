"""Proves that the served models equal the networks they were made from, on real pictures and texts."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from sensorium_core.triton import TritonClient
from sensorium_models.build import select
from sensorium_models.errors import ModelError
from sensorium_models.inference import open_session
from sensorium_models.python_models.in_process import PythonModel
from sensorium_models.recipe import Case, Recipe, Tensors, load_recipe
from sensorium_models.wheels import open_sources
from sensorium_models.workplace import ModelFolder, Workplace

__all__ = ["CheckResult", "OutputCheck", "check_all"]

Report = Callable[[str], None]
Predict = Callable[[str, Tensors, Collection[str]], Awaitable[Tensors]]

_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class OutputCheck:
    """The largest distance of one output from its source over all cases, in units of that output."""

    output: str
    error: float
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether the distance is tolerated; not a number is not."""
        return self.error <= self.tolerance


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What the check of one model found."""

    model: str
    cases: int
    outputs: tuple[OutputCheck, ...]

    @property
    def passed(self) -> bool:
        """Whether every output stayed within its tolerance."""
        return all(output.passed for output in self.outputs)

    def __str__(self) -> str:
        """One line for people: name, verdict, and each output's error against its tolerance."""
        errors = ", ".join(f"{each.output} {each.error:.2g} (of {each.tolerance:g})" for each in self.outputs)
        verdict = "equals its source" if self.passed else "DIFFERS from its source"
        return f"{self.model}: {verdict} on {self.cases} cases; {errors}"


def check_all(
    root: Path,
    triton_address: str | None = None,
    names: Collection[str] | None = None,
    *,
    report: Report = print,
) -> list[CheckResult]:
    """Compare each model with its source; the check failed where a result has not `passed`.

    Args:
        root: The checkout, its models built.
        triton_address: `host:port` of the server whose models are compared; `None` runs the built files in process.
        names: Only these models; all where `None`.
        report: Gets one line per model.

    Raises:
        ModelError: An unknown name, a model that is not built, or what its cases need is not installed.
        sensorium_core.triton.TritonError: The server does not answer.
    """
    return asyncio.run(_check_all(Workplace(root), triton_address, names, report))


async def _check_all(
    place: Workplace, triton_address: str | None, names: Collection[str] | None, report: Report
) -> list[CheckResult]:
    models = select(place, names)
    if triton_address is None:
        return [await _check(place, model, _in_process(place, model), report) for model in models]
    async with TritonClient(triton_address) as client:

        async def served(name: str, inputs: Tensors, outputs: Collection[str]) -> Tensors:
            return (await client.infer(name, inputs, list(outputs), timeout=_TIMEOUT_S)).outputs

        return [await _check(place, model, served, report) for model in models]


def _in_process(place: Workplace, model: ModelFolder) -> Predict:
    built = place.built(model)
    if (built / "1" / "model.py").is_file():
        python = PythonModel(built)

        async def execute(_name: str, inputs: Tensors, outputs: Collection[str]) -> Tensors:
            return python.predict(inputs, outputs)

        return execute
    path = built / "1" / "model.onnx"
    if not path.is_file():
        raise ModelError(f"{model.name} is not built: run `sensorium models build`")
    session = open_session(path)

    async def predict(_name: str, inputs: Tensors, outputs: Collection[str]) -> Tensors:
        return dict(zip(outputs, session.run(list(outputs), dict(inputs)), strict=True))

    return predict


async def _check(place: Workplace, model: ModelFolder, predict: Predict, report: Report) -> CheckResult:
    recipe = load_recipe(model)
    worst: dict[str, float] = dict.fromkeys(recipe.tolerances, 0.0)
    cases = 0
    for case in recipe.cases(open_sources(place, recipe.wheels)):
        cases += 1
        for output, error in (await _measure(model.name, recipe, case, predict)).items():
            # A comparison with NaN is false both ways; it must win over every number.
            worst[output] = error if not error <= worst[output] else worst[output]
    result = CheckResult(
        model.name, cases, tuple(OutputCheck(name, worst[name], limit) for name, limit in recipe.tolerances.items())
    )
    report(str(result))
    return result


async def _measure(name: str, recipe: Recipe, case: Case, predict: Predict) -> dict[str, float]:
    actual = await predict(name, case.inputs, list(case.expected))
    return dict(recipe.measure(case.expected, actual))
