"""Classes that are given on the command line."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that the others and --help start quickly

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sensorium_client import LabelDefinition

Label = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME[=MEANING]", help="A class of your own; may be repeated.", show_default=False),
]
Example = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=TEXT", help="A text of a class of your own; may be repeated.", show_default=False),
]
LabelFile = Annotated[
    Path | None,
    typer.Option(
        "--labels", metavar="FILE", help='JSON: {"name": "meaning"} or {"name": ["example", …]}.', show_default=False
    ),
]


def wanted_labels(
    label: list[str] | None, example: list[str] | None, file: Path | None
) -> list[LabelDefinition] | None:
    """The classes that were given; None for none.

    Raises:
        typer.BadParameter: they cannot be understood.
    """
    from sensorium_client import LabelDefinition

    meanings: dict[str, str] = {}
    examples: dict[str, list[str]] = {}
    for name, found in ({} if file is None else _read(file)).items():
        meanings[name] = found if isinstance(found, str) else ""
        examples[name] = [] if isinstance(found, str) else found
    for text in label or ():
        name, _, meanings[name] = text.partition("=")
    for text in example or ():
        name, equals, found = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"{text!r} is not NAME=TEXT", param_hint="--example")
        examples.setdefault(name, []).append(found)
    names = dict.fromkeys([*meanings, *examples])
    return [LabelDefinition(name, meanings.get(name, ""), examples.get(name, [])) for name in names] or None


def _read(file: Path) -> dict[str, str | list[str]]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as failure:
        raise typer.BadParameter(f"cannot read {file}: {failure}", param_hint="--labels") from None
    if not isinstance(found, dict) or not all(_is_meaning(value) for value in found.values()):
        text = f'{file} is not of the form {{"name": "meaning"}} or {{"name": ["example", …]}}'
        raise typer.BadParameter(text, param_hint="--labels")
    return found


def _is_meaning(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(text, str) for text in value))
