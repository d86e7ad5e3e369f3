"""The options that the vision commands share, declared once."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that the others and --help start quickly

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from sensorium_client._defaults import DEFAULT_DEADLINE, VISION

if TYPE_CHECKING:
    from sensorium_client import Region, RequestContext

ADDRESS_VARIABLE = VISION.address_variable
_PLANT = "Identifiers to find again in the answer (OPC 40100-1)"

Address = Annotated[
    str,
    typer.Option(envvar=ADDRESS_VARIABLE, metavar="HOST:PORT", help="The service; several (a:1,b:2) are used in turn."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print protobuf's JSON mapping, one document a line.")]
Deadline = Annotated[float, typer.Option(min=0.001, metavar="SECONDS", help="How long a file may take.")]


def _identifier(text: str) -> Any:
    return typer.Option(rich_help_panel=_PLANT, help=text, show_default=False)


@dataclass(frozen=True)
class Common:
    """What every vision command takes."""

    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="Pictures: JPEG, PNG, BMP, TIFF, WebP; - is standard input.")
    ]
    address: Address = VISION.address
    as_json: AsJson = False
    out: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Write <name>.json there, and <name>.png with the results drawn on it."),
    ] = None
    deadline: Deadline = DEFAULT_DEADLINE
    region: Annotated[
        str | None, typer.Option(metavar="X,Y,W,H", help="Look only at this part, in pixels.", show_default="all of it")
    ] = None
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="How many files to send at once.")] = 8
    request_id: Annotated[str, _identifier("Names the call in logs and errors.")] = ""
    meas_id: Annotated[str, _identifier("Measurement.")] = ""
    part_id: Annotated[str, _identifier("Part.")] = ""
    recipe_id: Annotated[str, _identifier("Recipe.")] = ""
    product_id: Annotated[str, _identifier("Product.")] = ""
    job_id: Annotated[str, _identifier("Job or order.")] = ""
    station: Annotated[str, _identifier("Station, cell or camera.")] = ""

    def picture_arguments(self) -> dict[str, Any]:
        """The keyword arguments of every picture method of the client."""
        return {"region": self.wanted_region(), "context": self.context(), "deadline": self.deadline}

    def wanted_region(self) -> Region | None:
        """The region, if one is wanted.

        Raises:
            typer.BadParameter: it is not four numbers.
        """
        if self.region is None:
            return None
        try:
            x, y, width, height = (int(part) for part in self.region.split(","))
        except ValueError:
            text = f"{self.region!r} is not X,Y,W,H: four whole numbers"
            raise typer.BadParameter(text, param_hint="--region") from None
        return x, y, width, height

    def context(self) -> RequestContext:
        """The identifiers that were given."""
        from sensorium_client import RequestContext

        return RequestContext(**{field.name: getattr(self, field.name) for field in fields(RequestContext)})


def with_common(command: Callable[..., None]) -> Callable[..., None]:
    """Make a typer command of a function whose first argument is a `Common`: its options come before the function's."""

    @functools.wraps(command)
    def wrapper(**values: Any) -> None:
        shared = {field.name: values.pop(field.name) for field in fields(Common)}
        command(Common(**shared), **values)

    parameters = [*_keywords(Common)[1:], *_keywords(command)[1:]]
    files = _keywords(Common)[0]
    wrapper.__signature__ = inspect.Signature([files, *parameters])  # type: ignore[attr-defined]  # as inspect documents
    wrapper.__annotations__ = {parameter.name: parameter.annotation for parameter in [files, *parameters]}
    return wrapper


def _keywords(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """A function's parameters by keyword, their annotations evaluated, as typer reads them."""
    target: Any = function
    hints = get_type_hints(target, include_extras=True)
    return [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints.get(parameter.name))
        for parameter in inspect.signature(function).parameters.values()
    ]
