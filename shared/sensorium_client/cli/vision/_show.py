"""What was found on a picture, for a person: a few short lines."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from sensorium_client import (
    AnnotateResult,
    ClassifyResult,
    Code,
    EmbedResult,
    ReadCodesResult,
    ReadTextResult,
    TextLine,
    VisionResult,
)
from sensorium_client.cli._show import heading, label_line, percent, show_lines, vector_line


def show_result(console: Console, name: str, result: VisionResult) -> None:
    """Print what was found on a picture."""
    width, height = result.image_size
    show_lines(console, heading(name, result, f"{width} x {height}"), _body(result))


def _body(result: VisionResult) -> Iterable[Text]:
    match result:
        case ClassifyResult():
            return map(label_line, result.labels)
        case EmbedResult():
            return [vector_line(result.embedding.tolist())]
        case ReadTextResult():
            return map(_line, result.lines)
        case ReadCodesResult():
            return map(_code, result.codes)
        case AnnotateResult():
            return _everything(result)
    raise TypeError(type(result))


def _everything(result: AnnotateResult) -> Iterable[Text]:
    yield from map(label_line, result.labels)
    if result.embedding is not None:
        yield vector_line(result.embedding.tolist())
    yield from map(_line, result.lines)
    yield from map(_code, result.codes)


def _line(line: TextLine) -> Text:
    verdict = {None: "", True: "  matches", False: "  does not match"}[line.matches_pattern]
    color = "green" if line.matches_pattern else "red"
    return Text.assemble(percent(line.confidence), ("text   ", "dim"), (line.text, "cyan"), (verdict, color))


def _code(code: Code) -> Text:
    kind = code.symbology.name.replace("_", " ")
    content = (code.text or code.raw_bytes.hex(" "), "yellow") if code.readable else ("not readable", "red")
    return Text.assemble(" " * 8, ("code   ", "dim"), content, (f"  {kind}", "dim"))
