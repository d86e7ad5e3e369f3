"""Results for a person: a few short lines per file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sensorium_client import (
    AnnotateResult,
    ClassifyResult,
    Code,
    EmbedResult,
    Label,
    Model,
    ReadCodesResult,
    ReadTextResult,
    SensoriumError,
    TextLine,
    VisionResult,
)


def show_result(console: Console, file: str, result: VisionResult) -> None:
    """Print what was found in a file."""
    for line in (_heading(file, result), *_body(result)):
        console.print(line, soft_wrap=True)  # a terminal may wrap; a pipe gets whole lines


def show_error(console: Console, file: str, error: SensoriumError) -> None:
    """Print why a file failed."""
    line = Text.assemble((file, "bold"), ": ", (str(error), "red"))
    console.print(line, soft_wrap=True)


def show_models(console: Console, models: Sequence[Model]) -> None:
    """Print a table of models."""
    table = Table("model", "version", "for", "classes", "ready", "default", "licence", box=None, header_style="bold")
    for model in models:
        table.add_row(
            Text(model.name),
            Text(", ".join(version.version for version in model.versions)),
            Text(", ".join(kind.name.lower().replace("_", " ") for kind in model.capabilities)),
            str(len(model.labels) or "-"),
            Text("yes", "green") if model.ready else Text("no", "red"),
            "yes" if model.default_model else "",
            Text(model.license),
        )
    console.print(table)


def _heading(file: str, result: VisionResult) -> Text:
    width, height = result.image_size
    took = result.timings.total.total_seconds() * 1000
    used = ", ".join(f"{model.name} v{model.version}" for model in result.models)
    return Text.assemble((file, "bold"), (f"  {width} x {height}, {took:.0f} ms, {used}", "dim"))


def _body(result: VisionResult) -> Iterable[Text]:
    match result:
        case ClassifyResult():
            return _or_nothing(_label(label) for label in result.labels)
        case EmbedResult():
            return [_embedding(result.embedding.tolist())]
        case ReadTextResult():
            return _or_nothing(_line(line) for line in result.lines)
        case ReadCodesResult():
            return _or_nothing(_code(code) for code in result.codes)
        case AnnotateResult():
            return _or_nothing(_everything(result))
    raise TypeError(type(result))


def _everything(result: AnnotateResult) -> Iterable[Text]:
    yield from map(_label, result.labels)
    if result.embedding is not None:
        yield _embedding(result.embedding.tolist())
    yield from map(_line, result.lines)
    yield from map(_code, result.codes)


def _or_nothing(lines: Iterable[Text]) -> list[Text]:
    return list(lines) or [Text("  nothing found", "dim")]


def _label(label: Label) -> Text:
    return Text.assemble(_percent(label.score), ("label  ", "dim"), (label.name, "blue"))


def _line(line: TextLine) -> Text:
    verdict = {None: "", True: "  matches", False: "  does not match"}[line.matches_pattern]
    color = "green" if line.matches_pattern else "red"
    return Text.assemble(_percent(line.confidence), ("text   ", "dim"), (line.text, "cyan"), (verdict, color))


def _code(code: Code) -> Text:
    kind = code.symbology.name.replace("_", " ")
    content = (code.text or code.raw_bytes.hex(" "), "yellow") if code.readable else ("not readable", "red")
    return Text.assemble("        ", ("code   ", "dim"), content, (f"  {kind}", "dim"))


def _embedding(values: Sequence[float]) -> Text:
    start = ", ".join(f"{value:.4f}" for value in values[:4])
    return Text.assemble("        ", ("vector ", "dim"), f"{len(values)} numbers: {start}, …")


def _percent(share: float) -> str:
    return f"{share:6.1%}  "
