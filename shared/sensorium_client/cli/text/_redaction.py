"""`sensorium text redact`, `restore` and `key`."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that the others and --help start quickly

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from sensorium_client.cli._options import STDIN, kinds_of, with_common
from sensorium_client.cli.text._keys import KeyFile, KeyName, wanted_key, write_key
from sensorium_client.cli.text._options import Language, LineCommon

if TYPE_CHECKING:
    from sensorium_client import PseudonymKey, RedactOptions, RedactResult, RestoreResult
    from sensorium_client.cli._run import Show
    from sensorium_client.cli.text._asking import Method
    from sensorium_client.cli.text._csv import Column
    from sensorium_client.cli.text._run import Answer

T = TypeVar("T", "RedactResult", "RestoreResult")

_PANEL = "A column of a CSV file"

ColumnName = Annotated[
    str | None,
    typer.Option(
        "--column",
        metavar="NAME",
        rich_help_panel=_PANEL,
        help="Work on this column of the one --file and leave the others as they are.",
        show_default=False,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="FILE", rich_help_panel=_PANEL, help="Write the file here.", show_default="standard output"),
]
Delimiter = Annotated[
    str | None,
    typer.Option(metavar="CHARACTER", rich_help_panel=_PANEL, help="Between cells.", show_default="told by the header"),
]


class Mode(Enum):
    """What `redact --mode` takes."""

    mask = "mask"
    pseudonymize = "pseudonymize"
    inspect = "inspect"


def register(app: typer.Typer, epilog: str) -> None:
    """Add the commands."""
    for command in (redact, restore):
        app.command(epilog=epilog)(with_common(command))
    app.command()(key)


def redact(
    common: LineCommon,
    *,
    mode: Annotated[
        Mode | None, typer.Option(help="What to do.", show_default="mask; with a key, pseudonymize")
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option("--type", help="Only this kind, such as phone-number; may be repeated.", show_default=False),
    ] = None,
    min_confidence: Annotated[
        float | None, typer.Option(min=0, max=1, help="Leave alone what is less certain.", show_default="0.5")
    ] = None,
    mask_character: Annotated[
        str, typer.Option(help="Mask each character by this one.", show_default="the name of the type")
    ] = "",
    key_file: KeyFile = None,
    key_name: KeyName = "",
    column: ColumnName = None,
    out: Out = None,
    delimiter: Delimiter = None,
    language: Language = "",
    model: Annotated[str, typer.Option(help="The model to use.", show_default="the service's default")] = "",
) -> None:
    """Mask personal data or replace it by pseudonyms; prints the texts themselves.

    A line that fails is named and not printed.
    """
    from sensorium_client import PersonalDataType, RedactMode, RedactOptions

    key = wanted_key(key_file, key_name, needed=mode is Mode.pseudonymize)
    chosen = mode or (Mode.mask if key is None else Mode.pseudonymize)
    if key is not None and chosen is not Mode.pseudonymize:
        raise typer.BadParameter(f"{chosen.value} takes no key", param_hint="--mode")
    wanted_mode = RedactMode[chosen.value.upper()]
    types = kinds_of(PersonalDataType, kind, "--type")
    options = RedactOptions(wanted_mode, types, min_confidence, mask_character, key, model)
    table = _column(common, column, out, delimiter, inspecting=chosen is Mode.inspect, refused="")
    raise typer.Exit(_run_redaction(common, options, language, table))


def restore(
    common: LineCommon,
    *,
    key_file: KeyFile = None,
    key_name: KeyName = "",
    column: ColumnName = None,
    out: Out = None,
    delimiter: Delimiter = None,
) -> None:
    """Turn the pseudonyms of `redact` back into what they stand for; prints the texts themselves."""
    key = wanted_key(key_file, key_name, needed=True)
    assert key is not None
    table = _column(common, column, out, delimiter, inspecting=False, refused=None)
    raise typer.Exit(_run_restoring(common, key, table))


def key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; must not be there yet.")],
) -> None:
    """Make a key of pseudonyms; who has it can restore, and who has lost it cannot."""
    try:
        write_key(file)
    except OSError as failure:
        typer.echo(f"sensorium: cannot write {file}: {failure.strerror}", err=True)
        raise typer.Exit(1) from failure
    typer.echo(f"a new key is in {file}, which only you can read")


def _run_redaction(common: LineCommon, options: RedactOptions, language: str, table: Column | None) -> int:
    from sensorium.text.v1 import text_service_pb2 as pb
    from sensorium_client import RedactMode
    from sensorium_client._text.responses import redact_result
    from sensorium_client.cli.text import _annotations, _show
    from sensorium_client.cli.text._asking import Method

    inspecting = options.mode is RedactMode.INSPECT
    method: Method[RedactResult] = Method(
        lambda client, text: client.redact(
            text,
            mode=options.mode,
            types=options.types,
            min_confidence=options.min_confidence,
            mask_character=options.mask_character,
            key=options.key,
            model=options.model,
            language_code=language,
            **common.call_arguments(),
        ),
        [options],
        _annotations.redact_result,
        None if inspecting else lambda text: redact_result(pb.RedactResponse(text=text)),
    )
    show = _show.show_findings if inspecting else _show.show_text
    return _run(common, method, show, table, language)


def _run_restoring(common: LineCommon, key: PseudonymKey, table: Column | None) -> int:
    from sensorium.text.v1 import text_service_pb2 as pb
    from sensorium_client._text.responses import restore_result
    from sensorium_client.cli.text._asking import Method
    from sensorium_client.cli.text._show import show_text

    method: Method[RestoreResult] = Method(
        lambda client, text: client.restore(text, key, **common.call_arguments()),
        of_blank=lambda text: restore_result(pb.RestoreResponse(text=text)),
    )
    return _run(common, method, show_text, table, "")


def _run(common: LineCommon, method: Method[T], show: Show[Answer[T]], table: Column | None, language: str) -> int:
    if table is None:
        from sensorium_client.cli.text._run import run_lines

        return run_lines(common, method, show, language=language)
    from sensorium_client.cli.text._csv import run_column

    asking = method.asking(common, language)
    return run_column(common.address, table, asking, concurrency=common.concurrency)


def _column(
    common: LineCommon,
    name: str | None,
    out: Path | None,
    delimiter: str | None,
    *,
    inspecting: bool,
    refused: str | None,
) -> Column | None:
    """The column of a CSV file to work on; None to work on texts."""
    if name is None:
        if out is not None or delimiter is not None:
            raise typer.BadParameter("--out and --delimiter belong to --column")
        return None
    files = common.files()
    if len(files) != 1 or common.given():
        raise typer.BadParameter("give one --file with it, and no texts", param_hint="--column")
    if common.as_json or inspecting:
        raise typer.BadParameter("it gives a CSV file: neither --json nor --mode inspect", param_hint="--column")
    if delimiter is not None and len(delimiter) != 1:
        raise typer.BadParameter(f"{delimiter!r} is not one character", param_hint="--delimiter")
    if out is not None and out.exists() and files[0] != STDIN and out.samefile(files[0]):
        raise typer.BadParameter(f"{out} is the file itself", param_hint="--out")
    from sensorium_client.cli.text._csv import Column

    return Column(files[0], name, delimiter, out, refused)
