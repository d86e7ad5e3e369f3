"""What a showcase consists of."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sensorium_client import SensoriumError
from sensorium_client._results import message_to_json
from sensorium_client._sync import SyncClient

R = TypeVar("R")


@dataclass(frozen=True)
class Answer:
    """One request of a greeting and what came back."""

    subject: str
    """What was sent, in a word."""
    asked: str
    answer: str
    seconds: float


@dataclass(frozen=True)
class Step:
    """One call of a demo, what came of it, and the files that show it."""

    method: str
    subject: str
    answer: str
    seconds: float | None
    files: tuple[Path, ...] = ()
    failed: bool = False


@dataclass(frozen=True)
class Showcase:
    """How a service shows what it does."""

    subject: str
    """What its subjects are called, above a table: picture, text."""
    greet: Callable[[str], Iterator[Answer]]
    """Sends a few requests to the service at an address, each answered before the next is sent."""
    demo: Callable[[str, Path], Iterator[Step]]
    """Calls every method of the service at an address, writes what comes of it into a folder, and tells of each."""
    hint: str
    """A command to try next, without `sensorium`."""


def answered(subject: str, asked: str, ask: Callable[[], R], summary: Callable[[R], str]) -> Answer:
    """Send one request of a greeting and time it; a call that fails is an answer too."""
    start = time.perf_counter()
    try:
        answer = summary(ask())
    except SensoriumError as error:
        answer = f"failed: {error}"
    return Answer(subject, asked, answer, time.perf_counter() - start)


def models_step(client: SyncClient, file: Path) -> Step:
    """Call ListModels and write the answer into a file, a model a line."""
    start = time.perf_counter()
    models = client.list_models()
    seconds = time.perf_counter() - start
    file.write_text("".join(message_to_json(model.message) + "\n" for model in models))
    answer = "\n".join(f"{model.name} {'ready' if model.ready else 'NOT READY'}" for model in models)
    return Step("ListModels", "", answer, seconds, (file,))
