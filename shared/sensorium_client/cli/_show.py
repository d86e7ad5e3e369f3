"""What is printed for a person, whatever the service."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sensorium_client import Label, Model, Result, SensoriumError

_MOST_LANGUAGES = 6


def show_lines(console: Console, heading: Text, body: Iterable[Text]) -> None:
    """Print what was found in an input: a heading, and lines below it."""
    for line in (heading, *(list(body) or [Text("  nothing found", "dim")])):
        console.print(line, soft_wrap=True)  # a terminal may wrap; a pipe gets whole lines


def heading(name: str, result: Result, *facts: str) -> Text:
    """The name of an input, facts about it, how long it took and which models ran."""
    took = f"{result.timings.total.total_seconds() * 1000:.0f} ms"
    used = [f"{model.name} v{model.version}" for model in result.models]
    return Text.assemble((name, "bold"), (f"  {', '.join([*facts, took, *used])}", "dim"))


def label_line(label: Label) -> Text:
    """A class and its score."""
    return Text.assemble(percent(label.score), ("label  ", "dim"), (label.name, "blue"))


def vector_line(values: Sequence[float]) -> Text:
    """The length of a vector and its first numbers."""
    start = ", ".join(f"{value:.4f}" for value in values[:4])
    return Text.assemble(" " * 8, ("vector ", "dim"), f"{len(values)} numbers: {start}, …")


def percent(share: float) -> str:
    """A share of one, 8 characters wide."""
    return f"{share:6.1%}  "


def show_error(console: Console, file: str, error: SensoriumError) -> None:
    """Print why a file failed; an empty `file` stands for the whole command, which needs no name."""
    line = Text.assemble((file, "bold"), ": " if file else "", (str(error), "red"))
    console.print(line, soft_wrap=True)


def show_models(console: Console, models: Sequence[Model]) -> None:
    """Print a table of models."""
    languages = any(model.language_codes for model in models)
    columns = [
        "model",
        "version",
        "for",
        "classes",
        *(["languages"] if languages else []),
        "ready",
        "default",
        "licence",
    ]
    table = Table(*columns, box=None, header_style="bold")
    table.columns[0].no_wrap = True  # a name that is cut cannot be given to --model
    table.columns[0].min_width = max((len(model.name) for model in models), default=0)
    for model in models:
        table.add_row(
            Text(model.name),
            Text(", ".join(version.version for version in model.versions)),
            Text(", ".join(kind.name.lower().replace("_", " ") for kind in model.capabilities)),
            str(len(model.labels) or "-"),
            *([Text(_languages(model.language_codes))] if languages else []),
            Text("yes", "green") if model.ready else Text("no", "red"),
            "yes" if model.default_model else "",
            Text(model.license),
        )
    console.print(table)


def _languages(codes: Sequence[str]) -> str:
    """Some codes, and how many there are where there are many; --json has them all."""
    more = len(codes) - _MOST_LANGUAGES
    return ", ".join(codes[:_MOST_LANGUAGES]) + (f" and {more} more" if more > 0 else "") or "-"
