"""Sends the picture files of a command."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Iterator
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
    batch = Batch(_inputs(common, folder), ask, concurrency=common.concurrency)
    total = len(common.files)
    return run_outcomes(common, AsyncVisionClient, batch.outcomes, show_result, noun="pictures", total=total)


def _inputs(common: PictureCommon, folder: Path | None) -> Iterator[Input[bytes, VisionResult]]:
    outputs = [None] * len(common.files) if folder is None else output_names(common.files, folder, SUFFIXES)
    for name, output in zip(common.files, outputs, strict=True):
        write = None if folder is None or output is None else functools.partial(save, folder=folder, name=output)
        if name == STDIN:
            yield Input("standard input", functools.partial(bytes, read_standard_input()), write)
        else:
            yield Input(name, functools.partial(load, name), write)
