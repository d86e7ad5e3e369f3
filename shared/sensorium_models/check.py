"""Proves that the served models equal the networks they were made from, on real pictures and texts."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from sensorium_core.triton import TritonClient
from sensorium_models.build import select
from sensorium_models.errors import ModelError
from sensorium_models.python_models.in_process import built_model
from sensorium_models.recipe import Predict, Tensors, load_recipe
from sensorium_models.scores import Score
from sensorium_models.wheels import open_sources
from sensorium_models.workplace import ModelFolder, Workplace

__all__ = ["CheckResult", "OutputCheck", "check_all"]

Report = Callable[[str], None]

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
    scores: tuple[Score, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the model equals its source and is as good as it is to be."""
        return self.faithful and all(score.passed for score in self.scores)

    @property
    def faithful(self) -> bool:
        """Whether every output stayed within its tolerance."""
        return all(output.passed for output in self.outputs)

    def __str__(self) -> str:
        """For people: name, verdict, each output's error against its tolerance, and a line for each score."""
        errors = ", ".join(f"{each.output} {each.error:.2g} (of {each.tolerance:g})" for each in self.outputs)
        verdict = "equals its source" if self.faithful else "DIFFERS from its source"
        lines = [f"{self.model}: {verdict} on {self.cases} cases; {errors}"]
        return "\n".join([*lines, *(f"  {score}" for score in self.scores)])


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
        report: Gets a line per model, and one per score.

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
        return [await _check(place, model, _built(place, model), report) for model in models]
    async with TritonClient(triton_address) as client:
        return [await _check(place, model, _served(client, model), report) for model in models]


def _built(place: Workplace, model: ModelFolder) -> Predict:
    built = place.built(model)
    if not any((built / "1" / file).is_file() for file in ("model.onnx", "model.py")):
        raise ModelError(f"{model.name} is not built: run `sensorium models build`")
    return built_model(built)


def _served(client: TritonClient, model: ModelFolder) -> Predict:
    async def predict(inputs: Tensors) -> Tensors:
        return (await client.infer(model.name, inputs, [], timeout=_TIMEOUT_S)).outputs

    return predict


async def _check(place: Workplace, model: ModelFolder, predict: Predict, report: Report) -> CheckResult:
    recipe = load_recipe(model)
    worst: dict[str, float] = dict.fromkeys(recipe.tolerances, 0.0)
    cases, sources = 0, open_sources(place, recipe.wheels)
    for case in recipe.cases(sources):
        cases += 1
        for output, error in recipe.measure(case.expected, await predict(case.inputs)).items():
            # A comparison with NaN is false both ways; it must win over every number.
            worst[output] = error if not error <= worst[output] else worst[output]
    outputs = tuple(OutputCheck(name, worst[name], limit) for name, limit in recipe.tolerances.items())
    scores = await recipe.scores(sources, predict)
    result = CheckResult(model.name, cases, outputs, tuple(scores))
    report(str(result))
    return result
