"""Makes the Triton model repositories: fetch, convert, write atomically, and skip what is already current."""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from sensorium_models.config import promoted_version, render_config
from sensorium_models.errors import ModelError, RecipeError
from sensorium_models.imported import imported_models
from sensorium_models.recipe import Recipe, load_recipe
from sensorium_models.scores import Score
from sensorium_models.stamp import STAMP, is_current, stamp_of
from sensorium_models.wheels import open_sources
from sensorium_models.workplace import ModelFolder, Workplace

__all__ = ["ModelEntry", "build_all", "list_models", "select"]

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One line of `sensorium models list`; `size_bytes` is that of the version's files, 0 while it is not built."""

    service: str
    name: str
    capability: str
    source: str
    license: str
    current: bool
    size_bytes: int


def build_all(root: Path, names: Collection[str] | None = None, *, report: Report = print) -> list[Path]:
    """Build the models that are not current and return the folders of all selected ones.

    A model that is current costs a few file reads: nothing is imported for it and no network is used.

    Args:
        root: The checkout.
        names: Only these models; all but the optional ones where `None`.
        report: Gets one line per model, with seconds and size.

    Raises:
        ModelError: An unknown name, a wheel that cannot be had, or a recipe that fails.
    """
    place = Workplace(root)
    return [_build(place, model, report) for model in select(place, names)]


def list_models(root: Path) -> list[ModelEntry]:
    """All recipes of the checkout and whether their models are built, and the imported models."""
    place = Workplace(root)
    imported = [
        ModelEntry(
            model.service,
            model.name,
            marker.capability,
            marker.source,
            marker.license,
            current=True,
            size_bytes=_size(model.path),
        )
        for model, marker in imported_models(place)
    ]
    return [*(_entry(place, model) for model in (*place.models(), *place.optional_models())), *imported]


def select(place: Workplace, names: Collection[str] | None) -> list[ModelFolder]:
    """The recipes called `names`, or all of them but for the optional ones.

    Raises:
        ModelError: A name that no recipe has.
    """
    if names is None:
        return place.models()
    models = [*place.models(), *place.optional_models()]
    known = {model.name for model in models}
    if unknown := set(names) - known:
        raise ModelError(f"no model is called {', '.join(sorted(unknown))}; there are: {', '.join(sorted(known))}")
    return [model for model in models if model.name in names]


def _entry(place: Workplace, model: ModelFolder) -> ModelEntry:
    recipe, built = load_recipe(model), place.built(model)
    current = is_current(model, built)
    size = _size(built) if current else 0
    return ModelEntry(model.service, model.name, recipe.capability, recipe.source, recipe.license, current, size)


def _build(place: Workplace, model: ModelFolder, report: Report) -> Path:
    built = place.built(model)
    if is_current(model, built):
        report(f"{model.name}: up to date")
        return built
    if (promoted := _promoted(built)) is not None:
        report(
            f"{model.name}: its recipe has changed, but version {promoted}, which was promoted, stays; "
            f"`sensorium models rollback {model.name}` first"
        )
        return built
    started = time.monotonic()
    recipe = load_recipe(model)
    try:
        with place.scratch() as folder:
            _write(place, model, recipe, folder / "new")
            scores = _scores(place, recipe, folder / "new") if recipe.trained else ()
            _put_in_place(folder / "new", built, aside=folder / "old")
    except ModelError as error:
        raise type(error)(f"{model.name}: {error}") from error
    size = _size(built) / 1e6
    report(f"{model.name}: built in {time.monotonic() - started:.1f} s, {size:.1f} MB, from {recipe.source}")
    for score in scores:
        report(f"  {score}")
    return built


def _promoted(built: Path) -> int | None:
    """The version that serves where that is not the one that the build has made."""
    config = built / "config.pbtxt"
    version = promoted_version(config.read_text()) if config.is_file() else None
    return None if version == 1 else version


def _write(place: Workplace, model: ModelFolder, recipe: Recipe, target: Path) -> None:
    sources = open_sources(place, recipe.wheels)
    labels = recipe.labels(sources)
    parameters = {"capability": recipe.capability, "source": recipe.source, "license": recipe.license}
    parameters |= recipe.parameters(sources)
    files = dict(recipe.files(sources))
    if recipe.build is not None:
        files["1/model.onnx"] = recipe.build(sources).SerializeToString()
    (target / "1").mkdir(parents=True)
    try:
        written = model.config.read_text()
    except FileNotFoundError as error:
        raise RecipeError(f"{model.config} is missing") from error
    for name, content in files.items():
        (target / name).write_bytes(content)
    (target / "config.pbtxt").write_text(render_config(written, labels=labels, parameters=parameters))
    (target / STAMP).write_text(stamp_of(model))


def _scores(place: Workplace, recipe: Recipe, folder: Path) -> Sequence[Score]:
    # Loads ONNX Runtime: only a build needs it.
    from sensorium_models.python_models.in_process import built_model  # noqa: PLC0415

    async def measured() -> Sequence[Score]:
        return await recipe.scores(open_sources(place, recipe.wheels), built_model(folder))

    scores = asyncio.run(measured())
    if poor := [score for score in scores if not score.passed]:
        raise RecipeError(f"training gave too poor a model; {'; '.join(map(str, poor))}")
    return scores


def _put_in_place(new: Path, built: Path, *, aside: Path) -> None:
    built.parent.mkdir(parents=True, exist_ok=True)
    if built.exists():
        built.rename(aside)
    new.rename(built)


def _size(built: Path) -> int:
    return sum(path.stat().st_size for path in (built / "1").iterdir() if path.is_file())
