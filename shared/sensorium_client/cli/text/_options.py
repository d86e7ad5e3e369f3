"""The options that the text commands share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from sensorium_client._defaults import TEXT
from sensorium_client.cli._options import STDIN, Common, address_option, check_standard_input

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sensorium_client.cli.text._lines import Form, Line

Address = Annotated[str, address_option(TEXT)]


def _texts(metavar: str, text: str) -> object:
    return typer.Argument(metavar=metavar, help=text, show_default=False)


@dataclass(frozen=True, kw_only=True)
class TextCommon(Common):
    """What every text command takes."""

    texts: Annotated[list[str] | None, _texts("TEXT…", "Texts; - reads standard input like --file -.")] = None
    address: Address = TEXT.address
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="How many to send at once.")] = 64
    file: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Also the texts of a file; - is standard input; may be repeated."),
    ] = None

    def given(self) -> list[str]:
        """The texts that are arguments."""
        return [text for text in self.texts or () if text != STDIN]

    def files(self) -> list[str]:
        """The files to read.

        Raises:
            typer.BadParameter: there is neither a text nor a file, or standard input is named twice.
        """
        files = [text for text in self.texts or () if text == STDIN] + list(self.file or ())
        check_standard_input(files, "--file")
        if not files and not self.given():
            raise typer.BadParameter("give a text, --file FILE, or - for standard input")
        return files


@dataclass(frozen=True, kw_only=True)
class LineCommon(TextCommon):
    """What the text commands take that work line by line."""

    jsonl: Annotated[
        bool | None,
        typer.Option(
            "--jsonl/--plain",
            help="Whether each line of a file is a JSON object.",
            show_default="by the suffix, .jsonl or .ndjson",
        ),
    ] = None
    field: Annotated[str, typer.Option(metavar="NAME", help="Of the object, which has the text.")] = "text"

    def form(self) -> Form:
        """How the lines of files are read."""
        from sensorium_client.cli.text._lines import Form  # noqa: PLC0415 - so that --help starts quickly

        return Form(self.jsonl, self.field)

    def lines(self) -> Iterator[Line]:
        """All texts; those of files as they are wanted."""
        from sensorium_client.cli.text._lines import argument_lines, file_lines  # noqa: PLC0415 - as above

        yield from argument_lines(self.given())
        yield from file_lines(self.files(), self.form())


@dataclass(frozen=True, kw_only=True)
class DocumentCommon(LineCommon):
    """What `rank` takes: the texts are its documents."""

    texts: Annotated[list[str] | None, _texts("DOCUMENT…", "Documents; - reads standard input like --file -.")] = None


Language = Annotated[str, typer.Option(metavar="CODE", help="BCP 47 code of the language.", show_default="detected")]
