"""Texts from files and standard input: line by line, over a stream."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path
from typing import Any

import grpc
import pytest

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium_client.cli.text import _lines
from unit.client.scripted import Script, status
from unit.client.text.cli import COMMAND, NOWHERE, invoke


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "shift.log"


def test_lines_go_over_one_stream_and_come_back_as_they_were_ended(run: Any, script: Script, log: Path) -> None:
    log.write_bytes("\ufeffa\r\nb\n\n  \nç".encode())
    done = run("redact", "arg", "--file", log, "--part-id", "p", "--language", "en", "--concurrency", 7)
    assert done.exit_code == 0
    assert done.stdout_bytes == "ARG\n\ufeffA\r\nB\n\n  \nÇ".encode()
    assert script.method == ["StreamAnnotateText"]
    config, *items = script.requests
    assert config.config.options == pb.AnnotateTextOptions(redact=pb.RedactOptions(mode=pb.REDACT_MODE_MASK))
    assert (config.config.context.part_id, config.config.language_code) == ("p", "en")
    assert config.config.max_in_flight == 7
    assert config.config.encoding_type == pb.ENCODING_TYPE_UTF32
    assert [item.item.text for item in items] == ["arg", "a", "b", "ç"]


def test_a_line_that_fails_is_named_and_the_others_go_on(run: Any, script: Script, log: Path) -> None:
    log.write_bytes(b"a\nbad\ncaf\xe9\nd\n")
    done = run("redact", "--file", log)
    assert (done.exit_code, done.stdout) == (1, "A\nD\n")
    assert done.stderr.splitlines() == [
        f"{log}:2: text: is bad [INVALID_ARGUMENT]",
        f"{log}:3: the line is not UTF-8: byte 0xe9 in position 3 [TEXT_NOT_UTF8]",
    ]


def test_json_lines(run: Any, script: Script, tmp_path: Path) -> None:
    file = tmp_path / "orders.jsonl"
    lines = [
        '\ufeff{"text": "a", "note": "b"}',
        "",
        "nonsense",
        '["a"]',
        '{"note": "b"}',
        '{"text": 7}',
        '{"text": "\\ud800"}',
        "[" * 100_000,
        '{"text": "\\ud83d\\ude00\\nb"}',
    ]
    file.write_text("\n".join(lines))
    done = run("redact", "--file", file)
    assert (done.exit_code, done.stdout) == (1, "A\n\n😀\nB\n")
    assert [line.removeprefix(f"{file}:").partition(": ")[::2] for line in done.stderr.splitlines()] == [
        ("3", "line: is no JSON [JSON_LINE_INVALID]"),
        ("4", "line: is no JSON object with a string 'text' [JSON_LINE_INVALID]"),
        ("5", "line: is no JSON object with a string 'text' [JSON_LINE_INVALID]"),
        ("6", "line: is no JSON object with a string 'text' [JSON_LINE_INVALID]"),
        ("7", "text: is not UTF-8: a lone surrogate is no character [TEXT_NOT_UTF8]"),
        ("8", "line: is no JSON [JSON_LINE_INVALID]"),
    ]


def test_the_form_can_be_told(run: Any, script: Script, tmp_path: Path) -> None:
    file = tmp_path / "orders.jsonl"
    file.write_text('{"note": "a"}\n')
    assert run("redact", "--file", file, "--plain").stdout == '{"NOTE": "A"}\n'
    assert run("redact", "-", "--jsonl", "--field", "note", input=file.read_text()).stdout == "A\n"


@pytest.mark.parametrize(
    ("command", "key"),
    [
        (["embed"], "embeddings"),
        (["classify", "--top-k", "2"], "classifications"),
        (["extract"], "entities"),
        (["redact"], "findings"),
        (["language"], "languages"),
        (["annotate", "--features", "summarize"], "summarySentences"),
    ],
)
def test_a_document_is_the_same_whether_by_stream_or_by_call(
    run: Any, script: Script, log: Path, command: list[str], key: str
) -> None:
    log.write_text("a\n\nb\n")
    done = run(*command, "--file", log, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    blank = [0] if command == ["redact"] else []
    assert [len(line[key]) for line in lines] == [1, *blank, 1]


def test_blank_lines_are_left_out_where_they_have_no_place(run: Any, script: Script, log: Path) -> None:
    log.write_text("\na\n \n")
    done = run("classify", "--file", log)
    assert [request.item.text for request in script.requests[1:]] == ["a"]
    assert done.stdout.splitlines() == [f"{log}:2  a  0 ms", " 50.0%  label  a"]


def test_restore_calls_line_by_line(run: Any, script: Script, log: Path, tmp_path: Path) -> None:
    log.write_text("PN_a\n\nPN_b\n")
    script.respond = lambda request: pb.RestoreResponse(text=request.text.removeprefix("PN_"), restored_count=1)
    done = run("restore", "--file", log, "--key-name", "plant")
    assert done.stdout == "a\n\nb\n"
    assert [request.key.name for request in script.requests] == ["plant", "plant"]


def test_a_file_that_cannot_be_read_is_named_and_the_others_go_on(run: Any, script: Script, log: Path) -> None:
    log.write_text("a\n")
    done = run("redact", "--file", log.parent / "none", "--file", log.parent, "--file", log)
    assert (done.exit_code, done.stdout) == (1, "A\n")
    first, second = done.stderr.splitlines()
    assert first.endswith("none: No such file or directory [FILE_UNREADABLE]")
    assert second.endswith("Is a directory [FILE_UNREADABLE]")


def test_a_line_longer_than_any_text_is_not_kept(
    run: Any, script: Script, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_lines, "MAX_LINE_BYTES", 2**20)
    log.write_bytes(b"a\n" + b"x" * 2**21 + b"\nb\n")
    done = run("redact", "--file", log)
    assert (done.exit_code, done.stdout) == (1, "A\nB\n")
    assert done.stderr == f"{log}:2: the line is longer than 1 MiB [MESSAGE_TOO_LARGE]\n"


def test_what_all_lines_have_in_common_is_told_once(run: Any, script: Script, log: Path) -> None:
    log.write_text("a\n" * 1000)
    script.stream_failure = status(grpc.StatusCode.NOT_FOUND, "options.embed.model: no such", reason="MODEL_NOT_FOUND")
    done = run("embed", "--file", log, "--model", "none")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "texts: options.embed.model: no such [MODEL_NOT_FOUND]\n"


def test_a_stream_that_breaks_is_opened_anew_and_loses_nothing(run: Any, script: Script, log: Path) -> None:
    log.write_text("".join(f"a{i}\n" for i in range(50)) + "die\n" + "".join(f"b{i}\n" for i in range(50)))
    script.then(grpc.StatusCode.UNAVAILABLE)
    done = run("redact", "--file", log)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == log.read_text().upper()
    assert script.method == ["StreamAnnotateText"] * 2


def test_each_line_is_printed_as_it_comes(address: str, script: Script) -> None:
    args = [*COMMAND, "redact", "--file", "-", "--address", address]
    with subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for text in (b"pump\n", b"valve\n"):  # the pipe stays open, as that of `tail -f`
            process.stdin.write(text)
            process.stdin.flush()
            assert process.stdout.readline() == text.upper()
        process.stdin.write(b"end")
        process.stdin.close()
        assert process.stdout.read() == b"END"
    assert process.returncode == 0


def test_nobody_there_behind_blank_lines(log: Path) -> None:
    log.write_text("\n\na\n")
    assert invoke("redact", "--file", log, "--address", NOWHERE).exit_code == 3


def test_restored_lines_are_printed_as_they_come(address: str, script: Script) -> None:
    script.respond = lambda request: pb.RestoreResponse(text=request.text)
    args = [*COMMAND, "restore", "-", "--key-name", "k", "--address", address]
    with subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"pump\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"pump\n"
        process.stdin.close()
    assert process.returncode == 0


def test_a_bar_on_a_terminal_leaves_standard_output_alone(address: str, script: Script, log: Path) -> None:
    log.write_text("a\n" * 30 + "bad\n")
    ours, theirs = pty.openpty()
    args = [*COMMAND, "redact", "--file", str(log), "--address", address]
    with subprocess.Popen(args, stdout=subprocess.PIPE, stderr=theirs) as process:
        out = process.communicate(timeout=30)[0]
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    os.close(theirs)
    assert out == b"A\n" * 30
    assert "texts" in shown
    assert "text: is bad" in shown
