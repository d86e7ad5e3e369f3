"""The vision commands: what each of them takes, and what it asks the service."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that the others and --help start quickly

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from sensorium_client._defaults import DEFAULT_DEADLINE, VISION
from sensorium_client.cli._options import (
    AsJson,
    Deadline,
    check_standard_input,
    exit_codes,
    kinds_of,
    named,
    output_folder,
    with_common,
)
from sensorium_client.cli.vision._options import Address, PictureCommon

if TYPE_CHECKING:
    from sensorium_client import Symbology
    from sensorium_client._vision.options import Feature
    from sensorium_client.cli.vision._run import Ask

_EXIT_CODES = exit_codes("file")

app = typer.Typer(
    help=f"See: what pictures show, what is written on them, which codes they carry.\n\n{_EXIT_CODES}",
    epilog=_EXIT_CODES,
    no_args_is_help=True,
)


class FeatureName(Enum):
    """What `annotate --features` takes."""

    classify = "classify"
    embed = "embed"
    read_text = "read-text"
    read_codes = "read-codes"


ModelName = Annotated[str, typer.Option(help="The model to use.", show_default="the service's default")]
TopK = Annotated[int, typer.Option(min=0, max=1000, help="How many labels at most; 0: the service's default, 5.")]
MinScore = Annotated[float, typer.Option(min=0, max=1, help="Leave out labels with a lower score.")]
SideLimit = Annotated[
    int, typer.Option(min=0, max=4096, help="Search text in a copy with this longer side; 0: the service chooses.")
]
MinConfidence = Annotated[
    float | None, typer.Option(min=0, max=1, help="Leave out lines with a lower confidence.", show_default="0.5")
]
ExpectedPattern = Annotated[
    str, typer.Option(metavar="REGEX", help="Mark each line as matching or not.", show_default=False)
]
Symbologies = Annotated[
    list[str] | None, typer.Option("--symbology", help="Only this kind, such as qr_code; may be repeated.")
]
IncludeUnreadable = Annotated[
    bool, typer.Option("--include-unreadable", help="Also codes that were found and not decoded.")
]


@app.command(epilog=_EXIT_CODES)
@with_common
def classify(common: PictureCommon, top_k: TopK = 0, min_score: MinScore = 0.0, model: ModelName = "") -> None:
    """Say what pictures show."""
    arguments = common.picture_arguments()
    _run(
        common,
        lambda client, data: client.classify(data, top_k=top_k, min_score=min_score, model=model, **arguments),
    )


@app.command(epilog=_EXIT_CODES)
@with_common
def embed(common: PictureCommon, model: ModelName = "") -> None:
    """Turn pictures into vectors for similarity search; --json has the numbers."""
    arguments = common.picture_arguments()
    _run(common, lambda client, data: client.embed(data, model=model, **arguments))


@app.command(epilog=_EXIT_CODES)
@with_common
def read_text(
    common: PictureCommon,
    side_limit: SideLimit = 0,
    min_confidence: MinConfidence = None,
    expected_pattern: ExpectedPattern = "",
    model: ModelName = "",
) -> None:
    """Read printed text: nameplates, labels, displays, documents."""
    arguments = common.picture_arguments()
    _run(
        common,
        lambda client, data: client.read_text(
            data,
            side_limit=side_limit,
            min_confidence=min_confidence,
            expected_pattern=expected_pattern,
            model=model,
            **arguments,
        ),
    )


@app.command(epilog=_EXIT_CODES)
@with_common
def read_codes(
    common: PictureCommon,
    symbology: Symbologies = None,
    include_unreadable: IncludeUnreadable = False,
    model: ModelName = "",
) -> None:
    """Read QR, Data Matrix, linear and other codes."""
    arguments, kinds = common.picture_arguments(), _symbologies(symbology)
    _run(
        common,
        lambda client, data: client.read_codes(
            data, symbologies=kinds, include_unreadable=include_unreadable, model=model, **arguments
        ),
    )


@app.command(epilog=_EXIT_CODES)
@with_common
def annotate(
    common: PictureCommon,
    *,
    features: Annotated[
        str, typer.Option(metavar="NAMES", help="What to compute, of classify,embed,read-text,read-codes.")
    ] = "classify,embed,read-text,read-codes",
    top_k: TopK = 0,
    min_score: MinScore = 0.0,
    side_limit: SideLimit = 0,
    min_confidence: MinConfidence = None,
    expected_pattern: ExpectedPattern = "",
    symbology: Symbologies = None,
    include_unreadable: IncludeUnreadable = False,
) -> None:
    """Compute several features of each picture at once."""
    from sensorium_client import ClassifyOptions, EmbedOptions, ReadCodesOptions, ReadTextOptions

    options: dict[FeatureName, Feature] = {
        FeatureName.classify: ClassifyOptions(top_k=top_k, min_score=min_score),
        FeatureName.embed: EmbedOptions(),
        FeatureName.read_text: ReadTextOptions("", side_limit, min_confidence, expected_pattern),
        FeatureName.read_codes: ReadCodesOptions("", _symbologies(symbology), include_unreadable),
    }
    arguments = common.picture_arguments()
    wanted = [options[name] for name in named(FeatureName, features, "--features")]
    _run(common, lambda client, data: client.annotate(data, wanted, **arguments))


@app.command(epilog=_EXIT_CODES)
def models(address: Address = VISION.address, as_json: AsJson = False, deadline: Deadline = DEFAULT_DEADLINE) -> None:
    """List the models that the service uses."""
    from sensorium_client import VisionClient
    from sensorium_client.cli._run import run_models

    raise typer.Exit(run_models(VisionClient, address, deadline, as_json=as_json))


def _run(common: PictureCommon, ask: Ask) -> None:
    check_standard_input(common.files, "FILE…")
    folder = output_folder(common.out)
    from sensorium_client.cli.vision._run import run_pictures

    raise typer.Exit(run_pictures(common, folder, ask))


def _symbologies(names: list[str] | None) -> list[Symbology]:
    from sensorium_client import Symbology

    return kinds_of(Symbology, names, "--symbology")
