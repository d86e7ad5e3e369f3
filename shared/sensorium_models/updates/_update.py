"""Promotes a version, and rolls back to the one before."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sensorium_core.errors import SensoriumError
from sensorium_models.recipe import Predict, Recipe, Tensors, load_recipe
from sensorium_models.updates._candidate import Candidate, problems, read_candidate
from sensorium_models.updates._errors import RefusedError, RolledBackError, UpdateError
from sensorium_models.updates._records import Record, add_recipe_records, read_records
from sensorium_models.updates._server import Place, Server, restore
from sensorium_models.updates._trial import Rules, Trial, Verdict
from sensorium_models.updates._versions import Versions
from sensorium_models.wheels import open_sources
from sensorium_models.workplace import ModelFolder, Workplace

Report = Callable[[str], None]

_RESTORE_S = 60.0
_LOOK_S = 0.5
_LONGEST_CAUSE = 500


def _well() -> bool:
    return True


@dataclass(frozen=True)
class Update:
    """What an update has led to: the version that serves, and the one that a rollback would bring back."""

    model: str
    version: int
    previous: int | None


@dataclass(frozen=True)
class _Job:
    root: Path
    place: Place
    versions: Versions
    watch: float
    healthy: Callable[[], bool]
    report: Report

    @property
    def scratch(self) -> Path:
        """A folder on the file system of the repository."""
        folder = self.place.settings.repositories.absolute().parent / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def records(self) -> Path:
        """Where the model's records lie."""
        return self.place.settings.repositories.absolute().parent / "canary" / self.versions.name

    def recipe(self) -> tuple[ModelFolder, Recipe] | None:
        """The recipe of the model; None where it was imported."""
        place = Workplace(self.root)
        models = [*place.models(), *place.optional_models()]
        found = next((model for model in models if model.name == self.versions.name), None)
        return (found, load_recipe(found)) if found else None


def promote(
    root: Path,
    place: Place,
    name: str,
    candidate: str,
    rules: Rules,
    *,
    watch: float = 5.0,
    without_records: bool = False,
    healthy: Callable[[], bool] = _well,
    report: Report = print,
) -> Update:
    """Tries a candidate beside the version that serves, makes it the one that serves, and watches it for a while.

    No call fails or waits for it. Whatever goes wrong, the version before goes on or comes back.

    Args:
        root: The checkout, whose recipes lie below it.
        place: Where the models are served.
        name: The model.
        candidate: Its files, or the number of a version that is there.
        rules: What its answers must be like.
        watch: Seconds for which it must answer right before it counts as promoted.
        without_records: Promote it although there is nothing to try it on but its own canary.
        healthy: Whether the services are well; asked again and again while it is watched.
        report: Gets a line for each step.

    Raises:
        RefusedError: It was not promoted.
        RolledBackError: It was, and failed.
        UpdateError: RESTORE_FAILED: it failed, and the version before could not be brought back.
    """
    versions = _find(place, name)
    job = _Job(root, place, versions, watch, healthy, report)
    with versions.locked():
        return asyncio.run(_promote(job, candidate, rules, without_records=without_records))


def rollback(
    root: Path,
    place: Place,
    name: str,
    *,
    watch: float = 0.0,
    healthy: Callable[[], bool] = _well,
    report: Report = print,
) -> Update:
    """Makes the version before the one that serves the one that serves.

    Raises:
        RefusedError: NO_PREVIOUS_VERSION, or it does not load; what serves goes on.
    """
    versions = _find(place, name)
    job = _Job(root, place, versions, watch, healthy, report)
    with versions.locked():
        return asyncio.run(_roll_back(job))


def _find(place: Place, name: str) -> Versions:
    found = [path.parent for path in place.settings.repositories.glob(f"*/{name}/config.pbtxt")]
    if not found:
        raise RefusedError(f"{place.settings.repositories} has no model {name}", "MODEL_UNKNOWN")
    return Versions(found[0])


async def _promote(job: _Job, given: str, rules: Rules, *, without_records: bool) -> Update:
    async with job.place.server() as server:
        await _mend(job, server)
        candidate, before = read_candidate(given, job.versions), job.versions.serving
        if candidate.number == before:
            raise RefusedError(f"version {before} of {job.versions.name} serves already", "SERVES_ALREADY")
        if found := problems(candidate, job.versions):
            raise RefusedError(f"the candidate is another model: {'; '.join(found)}", "CONTRACT_DIFFERS")
        trial = await asyncio.to_thread(_trial, job, rules, without_records=without_records)
        answers = await _try(job, server, candidate, rules, trial)
        number = candidate.number
        if number is None:
            number = job.versions.place(candidate.files, candidate.written_config, job.scratch)
            job.report(f"placed as version {number}")

        async def look() -> str:
            again = await trial.answers(server.asking(job.versions.name))
            return "; ".join(trial.compare(answers, again).problems)

        try:
            await _switch(job, server, number, before, look)
        except BaseException:
            if candidate.number is None:
                job.versions.discard(number)
            raise
    job.versions.prune()
    job.report(f"promoted: version {number} of {job.versions.name} serves, version {before} is kept")
    return Update(job.versions.name, number, before)


async def _roll_back(job: _Job) -> Update:
    async with job.place.server() as server:
        await _mend(job, server)
        before, number = job.versions.serving, job.versions.previous
        if number is None:
            text = f"there is no version of {job.versions.name} before the one that serves, which is {before}"
            raise RefusedError(text, "NO_PREVIOUS_VERSION")

        async def look() -> str:
            return ""

        await _switch(job, server, number, None, look)
    job.report(f"rolled back: version {number} of {job.versions.name} serves; version {before} is still there")
    return Update(job.versions.name, number, None)


async def _mend(job: _Job, server: Server) -> None:
    try:
        if await server.mend(job.versions):
            job.report(f"an update was cut off before; version {job.versions.serving} serves")
    except SensoriumError as error:
        raise RefusedError(f"Triton cannot be asked: {_cause(error)}", "TRITON_UNAVAILABLE") from error


def _trial(job: _Job, rules: Rules, *, without_records: bool) -> Trial:
    config = job.versions.config(job.versions.serving)
    known = job.recipe()
    if known is not None:
        count = add_recipe_records(Workplace(job.root), *known, job.records)
        if count:
            job.report(f"{count} records made from the recipe, in {job.records}")
    records: Sequence[Record] = read_records(job.records, config)
    if not records and not without_records:
        text = f"there is nothing to try it on: let a service record requests, or put some into {job.records}"
        raise RefusedError(text, "NO_RECORDS")
    return Trial(records, config, rules, known[1].tolerances if known else None)


async def _try(job: _Job, server: Server, candidate: Candidate, rules: Rules, trial: Trial) -> list[Tensors]:
    """Compares the candidate with the version that serves; gives the answers of the latter."""
    name, serving = job.versions.name, job.versions.serving
    job.report(f"loading the candidate beside version {serving} of {name}")
    try:
        async with server.beside(candidate.config, candidate.files) as predict:
            before = await trial.answers(server.asking(name, str(serving)))
            verdict = trial.compare(before, await trial.answers(predict))
            for line in verdict.lines:
                job.report(f"  {line}")
            if rules.agreement is not None:
                verdict = await _scored(job, predict, verdict)
    except SensoriumError as error:
        raise RefusedError(f"the candidate does not work: {_cause(error)}", "CANDIDATE_FAILS") from error
    if verdict.problems:
        raise RefusedError(f"its answers are not good enough: {'; '.join(verdict.problems)}", "ANSWERS_DIFFER")
    return before


async def _scored(job: _Job, predict: Predict, verdict: Verdict) -> Verdict:
    """Adds what the recipe demands of the model on real data."""
    known = job.recipe()
    if known is None or verdict.problems:
        return verdict
    scores = await known[1].scores(open_sources(Workplace(job.root), known[1].wheels), predict)
    for score in scores:
        job.report(f"  {score}")
    return Verdict(verdict.lines, tuple(str(score) for score in scores if not score.passed))


async def _switch(
    job: _Job, server: Server, number: int, previous: int | None, look: Callable[[], Awaitable[str]]
) -> None:
    """Has a version answer callers, watches it, and makes that last; or has the one before answer again."""
    before = job.versions.serving
    try:
        await server.serve(job.versions, number)
        job.report(f"version {number} answers callers; watching it for {job.watch:g} s")
        await _stays(job, server, number, look)
        job.versions.commit(number, previous)
    except BaseException as error:
        if not await restore(job.place, job.versions, _RESTORE_S):
            text = f"Triton does not take version {before} back; its files name it, so that a restart of Triton helps"
            raise UpdateError(text, "RESTORE_FAILED") from error
        if isinstance(error, SensoriumError):
            raise RefusedError(f"version {number} cannot be loaded: {_cause(error)}", "CANDIDATE_FAILS") from error
        raise


async def _stays(job: _Job, server: Server, number: int, look: Callable[[], Awaitable[str]]) -> None:
    if problem := await _watched(job, server, number, look):
        text = f"version {number} has failed, version {job.versions.serving} answers again: {problem}"
        raise RolledBackError(text, "ROLLED_BACK")


async def _watched(job: _Job, server: Server, number: int, look: Callable[[], Awaitable[str]]) -> str:
    """What is wrong with a version that answers callers; empty when nothing was for as long as it is watched."""
    end = time.monotonic() + job.watch
    try:
        problem = await look()
        while not problem:
            await server.check(job.versions, number)
            if not await asyncio.to_thread(job.healthy):
                return "the services are not well"
            if time.monotonic() >= end:
                return await look() if job.watch else ""
            await asyncio.sleep(min(_LOOK_S, max(0.0, end - time.monotonic())))
    except SensoriumError as error:
        return _cause(error)
    except ValueError as error:
        return str(error)
    return problem


def _cause(error: SensoriumError) -> str:
    """What an operator is told: Triton's own words, which no caller of a service ever sees."""
    details = getattr(error.__cause__, "details", None)
    words = str(details() or "").strip() if callable(details) else ""
    return f"{error.reason}: {' '.join(words.split())[:_LONGEST_CAUSE]}" if words else error.reason
