from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from honcho.printer import Message

from sensorium_client.stack.logs import Line, LogPrinter, parse


def message(text: str, name: str = "vision") -> Message:
    return Message(type="line", data=text.encode(), time=datetime.now(), name=name, colour=None)  # noqa: DTZ005 - as Honcho makes it


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (
            '{"event": "slow", "level": "warning", "timestamp": "…", "model": "m"}',
            Line("warning", "slow  model=m"),
        ),
        (
            '{"event": "failed", "level": "error", "exception": "Traceback\\n  ...\\nValueError: no"}',
            Line("error", "failed: ValueError: no"),
        ),
        ('{"event": "cut', Line(None, '{"event": "cut')),
        ("[1, 2]", Line(None, "[1, 2]")),
        ("E1122 03:07:29.186845 5639 model.cc:273] cannot load", Line("error", "cannot load")),
        ("I1122 03:07:29.186845 5639 model.cc:273] loaded", Line("info", "loaded")),
        ("plain text", Line(None, "plain text")),
    ],
)
def test_lines_are_made_readable(raw: str, line: Line) -> None:
    assert parse(raw) == line


def test_all_goes_to_the_file_and_what_matters_to_the_console(tmp_path: Path) -> None:
    said: list[str] = []
    printer = LogPrinter(tmp_path, ["vision"], said.append)
    lines = [json.dumps({"event": event, "level": event}) for event in ("info", "warning", "error")]
    for line in (*lines, "Traceback"):
        printer.write(message(line))
    printer.close()
    assert (tmp_path / "vision.log").read_text().splitlines() == [*lines, "Traceback"]
    assert said == ["vision | warning: warning", "vision | error: error", "vision | Traceback"]


def test_verbose_leaves_nothing_out(tmp_path: Path) -> None:
    said: list[str] = []
    printer = LogPrinter(tmp_path, ["vision"], said.append, verbose=True)
    printer.write(message('{"event": "started", "level": "info"}'))
    printer.close()
    assert said == ["vision | started"]


def test_the_file_of_the_run_before_is_kept(tmp_path: Path) -> None:
    for run in ("first", "second", "third"):
        printer = LogPrinter(tmp_path, ["vision"], lambda _: None)
        printer.write(message(run))
        printer.close()
    assert (tmp_path / "vision.log").read_text() == "third\n"
    assert (tmp_path / "vision.log.1").read_text() == "second\n"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["ValueError: bad", "cleaning up"], "ValueError: bad"),
        (["Triton: no models", '{"event": "call", "level": "info"}'], "Triton: no models"),
        (['{"event": "call", "level": "info"}'], None),
        (["ValueError: long ago", *['{"event": "call", "level": "info"}'] * 30], None),
        ([], None),
    ],
)
def test_last_words(tmp_path: Path, lines: list[str], words: str | None) -> None:
    printer = LogPrinter(tmp_path, ["vision"], lambda _: None)
    for line in lines:
        printer.write(message(line))
    printer.close()
    assert printer.last_words("vision") == words
