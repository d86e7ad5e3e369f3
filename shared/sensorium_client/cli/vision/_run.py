"""Sends the picture files of a command."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from sensorium_client import AsyncVisionClient, VisionResult
from sensorium_client._files import load
from sensorium_client.cli._batch import Batch, Input
from sensorium_client.cli._options import STDIN
from sensorium_client.cli._run import read_standard_input, run_outcomes
from sensorium_client.cli._save import output_names
from sensorium_client.cli.vision._options import PictureCommon
from sensorium_client.cli.vision._save import SUFFIXES, save
from sensorium_client.cli.vision._show import show_result

Ask: TypeAlias = Callable[[AsyncVisionClient, bytes], Awaitable[VisionResult]]
"""Calls the service for the bytes of a picture."""


def run_pictures(common: PictureCommon, folder: Path | None, ask: Ask) -> int:
    """Send the files of a command, write the results into a folder if one is given; gives the exit code."""
    piped = read_standard_input() if STDIN in common.files else b""
    inputs = [
        Input("standard input", functools.partial(_given, piped), write)
        if name == STDIN
        else Input(name, functools.partial(asyncio.to_thread, load, name), write)
        for name, write in zip(common.files, _writers(common.files, folder), strict=True)
    ]
    batch = Batch(inputs, ask, concurrency=common.concurrency)
    return run_outcomes(common, AsyncVisionClient, batch.outcomes, show_result, noun="pictures", total=len(inputs))


async def _given(data: bytes) -> bytes:
    return data


def _writers(
    files: Sequence[str], folder: Path | None
) -> Sequence[Callable[[bytes, VisionResult], Awaitable[None]] | None]:
    if folder is None:
        return [None] * len(files)
    return [functools.partial(_save, folder, name) for name in output_names(files, folder, SUFFIXES)]


async def _save(folder: Path, name: str, data: bytes, result: VisionResult) -> None:
    await asyncio.to_thread(save, data, result, folder, name)
