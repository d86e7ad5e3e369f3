"""Runs a command: sends its inputs, prints what comes back, and says how the process exits."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Protocol, TypeAlias, TypeVar

from rich.console import Console

from sensorium_client import Model, SensoriumError, UnavailableError
from sensorium_client._defaults import ServiceDefaults
from sensorium_client._results import message_to_json
from sensorium_client._sync import SyncClient
from sensorium_client.cli._batch import C, Outcome, Outcomes, R, UnreachableError
from sensorium_client.cli._options import Common, check_address
from sensorium_client.cli._progress import BatchProgress
from sensorium_client.cli._show import show_error, show_models

OK, SOME_FAILED, UNREACHABLE = 0, 1, 3


class Printable(Protocol):
    """What the commands print."""

    def to_json(self) -> str:
        """The response in protobuf's JSON mapping, on one line."""


P = TypeVar("P", bound=Printable)
S = TypeVar("S", bound=SyncClient)
T = TypeVar("T")

Show: TypeAlias = Callable[[Console, str, P], None]
"""Prints a result for a person, with the name of its input."""


class GiveUpError(Exception):
    """Something failed that all inputs have in common: further ones need not be sent."""

    def __init__(self, name: str, error: SensoriumError) -> None:
        """Keep what failed, in a word, and why."""
        super().__init__(f"{name}: {error}")
        self.name = name
        self.error = error


def run_outcomes(
    common: Common, client: type[C], outcomes: Outcomes[C, P], show: Show[P], *, noun: str, total: int | None
) -> int:
    """Send the inputs of a command and print what becomes of each; gives the exit code.

    Args:
        common: the command's options.
        client: the class of clients that `outcomes` takes.
        outcomes: what to do, such as `Batch.outcomes`.
        show: how to print a result where JSON is not wanted.
        noun: what the inputs are called, in the plural.
        total: how many there are, if that is known.
    """
    console = Console()

    def emit(outcome: Outcome[P]) -> None:
        if outcome.result is not None and common.as_json:
            sys.stdout.write(outcome.result.to_json() + "\n")
            sys.stdout.flush()
        elif outcome.result is not None:
            show(console, outcome.name, outcome.result)

    return run_emitting(common.address, client, outcomes, emit, noun=noun, total=total)


def run_emitting(
    address: str,
    client: type[C],
    outcomes: Outcomes[C, R],
    emit: Callable[[Outcome[R]], None],
    *,
    noun: str,
    total: int | None,
) -> int:
    """Send inputs and hand each outcome to `emit`, which prints the result; errors are printed here."""

    async def send() -> bool:
        well = True
        with BatchProgress(noun, total) as progress:
            async with client(address) as connected, aclosing(outcomes(connected, progress.advance)) as found:
                async for outcome in found:
                    with progress.aside(standard_error=outcome.error is not None):
                        emit(outcome)
                        if outcome.error is not None:
                            show_error(errors(), outcome.name, outcome.error)
                    well = well and outcome.error is None
        return well

    try:
        return OK if asyncio.run(send()) else SOME_FAILED
    except UnreachableError as error:
        return unreachable(str(error), client.service.defaults)
    except GiveUpError as given_up:
        show_error(errors(), given_up.name, given_up.error)
        return SOME_FAILED


def run_models(client: type[SyncClient], address: str, deadline: float, *, as_json: bool) -> int:
    """List the models of a service; gives the exit code."""
    check_address(address)

    def show(models: Sequence[Model]) -> None:
        if not as_json:
            show_models(Console(), models)
        for model in models if as_json else ():
            sys.stdout.write(message_to_json(model.message) + "\n")

    return run_call(client, address, "models", lambda connected: connected.list_models(deadline=deadline), show)


def run_call(client: type[S], address: str, name: str, ask: Callable[[S], T], show: Callable[[T], None]) -> int:
    """Make one call, or a few that belong together, and print what comes back; gives the exit code.

    Args:
        client: the class of clients to call with.
        address: where the service is.
        name: what is asked, in a word, for errors.
        ask: makes the calls.
        show: prints the answer.
    """
    try:
        with client(address) as connected:
            show(ask(connected))
    except UnavailableError as error:
        return unreachable(str(error), client.service.defaults)
    except SensoriumError as error:
        show_error(errors(), name, error)
        return SOME_FAILED
    return OK


def read_standard_input() -> bytes:
    """All of standard input, in a way that Ctrl-C ends."""
    # Not in a thread, which would keep the process from ending; and with the system's own handling of Ctrl-C, because
    # Python's only notes the signal, and a read that begins just then would still wait for its end.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        return sys.stdin.buffer.read()
    finally:
        signal.signal(signal.SIGINT, before)


def errors() -> Console:
    """Where errors are printed."""
    return Console(stderr=True)


def unreachable(text: str, service: ServiceDefaults) -> int:
    """Print that nobody answers and what to do about it; gives the exit code."""
    hint = f"Is it running? `sensorium up` starts one; --address or {service.address_variable} says where it is."
    errors().print(f"{text}\n{hint}", soft_wrap=True, markup=False, highlight=False)
    return UNREACHABLE
