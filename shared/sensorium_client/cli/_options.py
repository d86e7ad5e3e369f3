"""The options that the commands of all services share, declared once."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that the others and --help start quickly

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from enum import Enum, IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

import typer
from typer.models import ArgumentInfo

from sensorium_client._defaults import DEFAULT_DEADLINE, ServiceDefaults

if TYPE_CHECKING:
    from sensorium_client import RequestContext

STDIN = "-"
_PLANT = "Identifiers to find again in the answer (OPC 40100-1)"


def address_option(service: ServiceDefaults) -> Any:
    """How a command is told where its service is."""
    text = "The service; several (a:1,b:2) are used in turn."
    return typer.Option(envvar=service.address_variable, metavar="HOST:PORT", help=text)


def exit_codes(noun: str) -> str:
    """What the exit codes of a service's commands mean, for their help; `noun` is what they work on."""
    return (
        f"Exit codes: 0 all {noun}s went well; 1 some {noun} failed (each is named with its reason, the others are "
        "printed all the same); 2 wrong usage; 3 the service cannot be reached; 130 interrupted."
    )


AsJson = Annotated[bool, typer.Option("--json", help="Print protobuf's JSON mapping, one document a line.")]
Deadline = Annotated[float, typer.Option(min=0.001, metavar="SECONDS", help="How long an answer may take.")]


def _identifier(text: str) -> Any:
    return typer.Option(rich_help_panel=_PLANT, help=text, show_default=False)


@dataclass(frozen=True, kw_only=True)
class Common:
    """What the commands of every service take; a service's own class adds its address and its inputs."""

    address: str
    as_json: AsJson = False
    deadline: Deadline = DEFAULT_DEADLINE
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="How many to send at once.")] = 8
    request_id: Annotated[str, _identifier("Names the call in logs and errors.")] = ""
    meas_id: Annotated[str, _identifier("Measurement.")] = ""
    part_id: Annotated[str, _identifier("Part.")] = ""
    recipe_id: Annotated[str, _identifier("Recipe.")] = ""
    product_id: Annotated[str, _identifier("Product.")] = ""
    job_id: Annotated[str, _identifier("Job or order.")] = ""
    station: Annotated[str, _identifier("Station, cell or camera.")] = ""

    def context(self) -> RequestContext:
        """The identifiers that were given."""
        from sensorium_client import RequestContext

        return RequestContext(**{field.name: getattr(self, field.name) for field in fields(RequestContext)})

    def call_arguments(self) -> dict[str, Any]:
        """The keyword arguments that every method of every client has."""
        return {"context": self.context(), "deadline": self.deadline}


def with_common(command: Callable[..., None]) -> Callable[..., None]:
    """Make a typer command of a function whose first argument is a `Common` or a subclass of it.

    Arguments come before options; of the arguments the function's own come first, of the options the common ones.
    """
    first, *own = _keywords(command)
    kind: type[Common] = first.annotation
    common = _keywords(kind)

    @functools.wraps(command)
    def wrapper(**values: Any) -> None:
        shared = kind(**{parameter.name: values.pop(parameter.name) for parameter in common})
        check_address(shared.address)  # before a command reads what may be long
        command(shared, **values)

    arguments = [parameter for parameter in (*own, *common) if _is_argument(parameter)]
    options = [parameter for parameter in (*common, *own) if not _is_argument(parameter)]
    parameters = [*arguments, *options]
    wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # as inspect documents
    wrapper.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return wrapper


def check_address(address: str) -> None:
    """Refuse an address that no client can have.

    Raises:
        typer.BadParameter: it is none.
    """
    from sensorium_client import InvalidInputError
    from sensorium_client._channel import channel_target, split_addresses

    try:
        channel_target(split_addresses(address))
    except InvalidInputError as error:
        raise typer.BadParameter(error.message, param_hint="--address") from error


def output_folder(out: str | None) -> Path | None:
    """The folder that `--out` names.

    Raises:
        typer.BadParameter: it is something else than a folder.
    """
    folder = None if out is None else Path(out)
    if folder is not None and folder.exists() and not folder.is_dir():
        raise typer.BadParameter(f"{folder} is not a folder", param_hint="--out")
    return folder


def check_standard_input(names: Sequence[str], hint: str) -> None:
    """Refuse to read standard input twice.

    Raises:
        typer.BadParameter: several names are `-`.
    """
    if names.count(STDIN) > 1:
        raise typer.BadParameter("standard input can be read once", param_hint=hint)


E = TypeVar("E", bound=IntEnum)
N = TypeVar("N", bound=Enum)


def kinds_of(kind: type[E], names: Sequence[str] | None, hint: str) -> list[E]:
    """The values of an enumeration that are named, such as `qr-code`, each once.

    Raises:
        typer.BadParameter: one is not known.
    """
    known = {each.name: each for each in kind if each != 0}
    wanted = [name.upper().replace("-", "_") for name in names or ()]
    for name in wanted:
        if name not in known:
            text = f"{name.lower()} is not known; known are {', '.join(known).lower()}"
            raise typer.BadParameter(text, param_hint=hint)
    return [known[name] for name in dict.fromkeys(wanted)]


def named(kind: type[N], text: str, hint: str) -> list[N]:
    """The values of an enumeration of strings that are named with commas between them, each once, at least one.

    Raises:
        typer.BadParameter: one is not known, or there is none.
    """
    listed = ", ".join(name.value for name in kind)
    try:
        names = [kind(part.strip()) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise typer.BadParameter(f"{error}; known are {listed}", param_hint=hint) from None
    if not names:
        raise typer.BadParameter(f"name at least one of {listed}", param_hint=hint)
    return list(dict.fromkeys(names))


def _is_argument(parameter: inspect.Parameter) -> bool:
    return any(isinstance(part, ArgumentInfo) for part in getattr(parameter.annotation, "__metadata__", ()))


def _keywords(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """A function's parameters by keyword, their annotations evaluated, as typer reads them."""
    target: Any = function
    hints = get_type_hints(target, include_extras=True)
    return [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints.get(parameter.name))
        for parameter in inspect.signature(function).parameters.values()
    ]
