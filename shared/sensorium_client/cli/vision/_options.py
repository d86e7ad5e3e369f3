"""The options that the vision commands share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sensorium_client._defaults import VISION
from sensorium_client.cli._options import Common, address_option

if TYPE_CHECKING:
    from sensorium_client import Region

Address = Annotated[str, address_option(VISION)]


@dataclass(frozen=True, kw_only=True)
class PictureCommon(Common):
    """What every vision command takes."""

    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="Pictures: JPEG, PNG, BMP, TIFF, WebP; - is standard input.")
    ]
    address: Address = VISION.address
    out: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Write <name>.json there, and <name>.png with the results drawn on it."),
    ] = None
    region: Annotated[
        str | None, typer.Option(metavar="X,Y,W,H", help="Look only at this part, in pixels.", show_default="all of it")
    ] = None

    def picture_arguments(self) -> dict[str, Any]:
        """The keyword arguments of every picture method of the client."""
        return {"region": self.wanted_region(), **self.call_arguments()}

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
