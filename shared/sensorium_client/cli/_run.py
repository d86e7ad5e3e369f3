"""Runs a vision command: sends the files, prints and writes what comes back, and says how the process exits."""

from __future__ import annotations

import asyncio
import functools
import signal
import sys
from contextlib import aclosing
from pathlib import Path

import typer
from rich.console import Console

from sensorium_client import InvalidInputError, SensoriumError, UnavailableError, VisionClient
from sensorium_client._channel import channel_target, split_addresses
from sensorium_client._results import message_to_json
from sensorium_client.cli._batch import STDIN, Ask, Batch, File, Outcome, UnreachableError
from sensorium_client.cli._options import ADDRESS_VARIABLE, Common
from sensorium_client.cli._progress import FileProgress
from sensorium_client.cli._save import output_names, save
from sensorium_client.cli._show import show_error, show_models, show_result

OK, SOME_FAILED, UNREACHABLE = 0, 1, 3


def run_files(common: Common, folder: Path | None, ask: Ask) -> int:
    """Send the files of a command; gives the exit code."""
    _check_address(common.address)
    piped = _read_standard_input() if STDIN in common.files else b""
    try:
        well = asyncio.run(_send(common, folder, ask, piped))
    except UnreachableError as error:
        return _unreachable(str(error))
    return OK if well else SOME_FAILED


def run_models(address: str, deadline: float, *, as_json: bool) -> int:
    """List the models; gives the exit code."""
    _check_address(address)
    try:
        with VisionClient(address) as client:
            models = client.list_models(deadline=deadline)
    except UnavailableError as error:
        return _unreachable(str(error))
    except SensoriumError as error:
        show_error(_errors(), "models", error)
        return SOME_FAILED
    if not as_json:
        show_models(Console(), models)
    for model in models if as_json else ():
        sys.stdout.write(message_to_json(model.message) + "\n")
    return OK


async def _send(common: Common, folder: Path | None, ask: Ask, piped: bytes) -> bool:
    batch = Batch(_files(common, folder), ask, common.concurrency, piped)
    well = True
    with FileProgress(len(common.files)) as progress:
        async with aclosing(batch.outcomes(common.address, progress.advance)) as outcomes:
            async for outcome in outcomes:
                with progress.aside():
                    _print(outcome, as_json=common.as_json)
                well = well and outcome.error is None
    return well


def _read_standard_input() -> bytes:
    # Not in a thread, which would keep the process from ending; and with the system's own handling of Ctrl-C, because
    # Python's only notes the signal, and a read that begins just then would still wait for its end.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        return sys.stdin.buffer.read()
    finally:
        signal.signal(signal.SIGINT, before)


def _files(common: Common, folder: Path | None) -> list[File]:
    if folder is None:
        return [File(name) for name in common.files]
    outputs = output_names(common.files, folder)
    pairs = zip(common.files, outputs, strict=True)
    return [File(name, functools.partial(save, folder=folder, name=output)) for name, output in pairs]


def _print(outcome: Outcome, *, as_json: bool) -> None:
    file = "standard input" if outcome.file == STDIN else outcome.file
    if outcome.result is not None and as_json:
        sys.stdout.write(outcome.result.to_json() + "\n")
        sys.stdout.flush()
    elif outcome.result is not None:
        show_result(Console(), file, outcome.result)
    if outcome.error is not None:
        show_error(_errors(), file, outcome.error)


def _check_address(address: str) -> None:
    try:
        channel_target(split_addresses(address))
    except InvalidInputError as error:
        raise typer.BadParameter(error.message, param_hint="--address") from error


def _unreachable(text: str) -> int:
    hint = f"Is it running? `sensorium up` starts one; --address or {ADDRESS_VARIABLE} says where it is."
    _errors().print(f"{text}\n{hint}", soft_wrap=True, markup=False, highlight=False)
    return UNREACHABLE


def _errors() -> Console:
    return Console(stderr=True)
