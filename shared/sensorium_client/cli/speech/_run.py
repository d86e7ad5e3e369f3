"""Sends the sound files of a command."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from sensorium_client import AsyncSpeechClient, RecordingResult
from sensorium_client._files import load
from sensorium_client._speech.audio import MAX_AUDIO_BYTES
from sensorium_client.cli._batch import Batch, Input
from sensorium_client.cli._options import STDIN
from sensorium_client.cli._run import Show, read_standard_input, run_outcomes
from sensorium_client.cli._save import output_names
from sensorium_client.cli.speech._options import RecordingCommon
from sensorium_client.cli.speech._save import SUFFIXES, save

R = TypeVar("R", bound=RecordingResult)


def run_recordings(
    common: RecordingCommon,
    folder: Path | None,
    ask: Callable[[AsyncSpeechClient, bytes], Awaitable[R]],
    show: Show[R],
) -> int:
    """Send the files of a command, write the results into a folder if one is given; gives the exit code."""
    piped = read_standard_input() if STDIN in common.files else b""
    inputs: list[Input[bytes, R]] = [
        Input("standard input", functools.partial(_given, piped), write)
        if name == STDIN
        else Input(name, functools.partial(asyncio.to_thread, load, name, MAX_AUDIO_BYTES), write)
        for name, write in zip(common.files, _writers(common.files, folder), strict=True)
    ]
    batch = Batch(inputs, ask, concurrency=common.concurrency)
    return run_outcomes(common, AsyncSpeechClient, batch.outcomes, show, noun="recordings", total=len(inputs))


async def _given(data: bytes) -> bytes:
    return data


def _writers(
    files: Sequence[str], folder: Path | None
) -> Sequence[Callable[[bytes, RecordingResult], Awaitable[None]] | None]:
    if folder is None:
        return [None] * len(files)
    return [functools.partial(_save, folder, name) for name in output_names(files, folder, SUFFIXES)]


async def _save(folder: Path, name: str, _: bytes, result: RecordingResult) -> None:
    await asyncio.to_thread(save, result, folder, name)
