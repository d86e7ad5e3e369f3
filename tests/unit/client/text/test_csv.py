"""A column of a CSV file, redacted and restored."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium_client.cli.text._csv import Column, Table
from sensorium_client.cli.text._lines import split_lines
from unit.client.scripted import Script, status
from unit.client.text.cli import NOWHERE, invoke


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "in.csv"


def rows(data: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def test_a_column_is_redacted_and_the_others_stay(run: Any, script: Script, table: Path, tmp_path: Path) -> None:
    content = (
        '\ufeffid,"the\nnote",name\r\n007,"jo, 5"" pipe\nsays\rhi",ä\r\n8,,"x,y"\r\n\r\n9\r\n'
        '10,  ,"a\rb"\r\n11,z, q\r\n'
    )
    table.write_bytes(content.encode())
    out = tmp_path / "out.csv"
    done = run("redact", "--file", table, "--column", "the\nnote", "--out", out)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")
    expected = rows(content.encode())
    for row, text in ((1, 'JO, 5" PIPE\nSAYS\rHI'), (6, "Z")):
        expected[row][1] = text
    assert rows(out.read_bytes()) == expected
    assert out.read_bytes().startswith("\ufeffid,".encode())
    assert out.read_bytes().endswith(b"11,Z, q\r\n")
    assert [request.item.text for request in script.requests[1:]] == ['jo, 5" pipe\nsays\rhi', "z"]
    assert sorted(tmp_path.iterdir()) == [table, out]


@pytest.mark.parametrize("delimiter", [";", "\t", "|", ","])
def test_the_delimiter_is_told_by_the_header(run: Any, script: Script, table: Path, delimiter: str) -> None:
    table.write_text(delimiter.join(["a b", "note", "c"]) + "\n" + delimiter.join(["1,5;|\t"[:1], "x", "y"]) + "\n")
    done = run("redact", "--file", table, "--column", "note")
    assert done.stdout == table.read_text().replace("x", "X")


def test_the_delimiter_can_be_told(run: Any, script: Script, table: Path) -> None:
    table.write_text("a:note\n1:x\n")
    assert run("redact", "--file", table, "--column", "note", "--delimiter", ":").stdout == "a:note\n1:X\n"


def test_standard_input_to_standard_output(run: Any, script: Script) -> None:
    done = run("redact", "--file", "-", "--column", "note", input="note\nx\n\ny")
    assert (done.exit_code, done.stdout) == (0, "note\nX\n\nY\n")


def test_bytes_of_another_encoding_stay_in_their_column(run: Any, script: Script, table: Path) -> None:
    table.write_bytes(b"name,note\nM\xfcller,x\nY,caf\xe9\n")
    done = run("redact", "--file", table, "--column", "note")
    assert done.exit_code == 1
    assert done.stdout_bytes == b"name,note\nM\xfcller,X\nY,\n"
    told = "text: is not UTF-8: a lone surrogate is no character [TEXT_NOT_UTF8]"
    assert done.stderr == f"{table} row 3: {told}\n"


def test_a_cell_that_is_refused_is_emptied_and_named(run: Any, script: Script, table: Path, tmp_path: Path) -> None:
    table.write_text("note,n\nx,1\nbad,2\ny,3\n")
    out = tmp_path / "out.csv"
    done = run("redact", "--file", table, "--column", "note", "--out", out)
    assert done.exit_code == 1
    assert out.read_text() == "note,n\nX,1\n,2\nY,3\n"
    assert done.stderr == f"{table} row 3: text: is bad [INVALID_ARGUMENT]\n"


def test_restore_takes_it_back(run: Any, script: Script, table: Path) -> None:
    def answer(request: Any) -> Any:
        if request.text == "PN_other":
            return status(grpc.StatusCode.INVALID_ARGUMENT, "no", reason="PSEUDONYM_KEY_MISMATCH")
        return pb.RestoreResponse(text=request.text.removeprefix("PN_"))

    script.respond = answer
    table.write_text("n,note\n1,PN_jo\n2,PN_other\n3,\n")
    done = run("restore", "--file", table, "--column", "note", "--key-name", "k")
    assert (done.exit_code, done.stdout) == (1, "n,note\n1,jo\n2,PN_other\n3,\n")
    assert "row 3: no [PSEUDONYM_KEY_MISMATCH]" in done.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a,b\n1,2\n", "has no column 'note'; its columns are a, b"),
        ("note,note\n1,2\n", "has several columns 'note'"),
        ("", "its columns are none"),
    ],
)
def test_a_header_without_the_column(run: Any, script: Script, table: Path, content: str, told: str) -> None:
    table.write_text(content)
    done = run("redact", "--file", table, "--column", "note")
    assert (done.exit_code, script.requests) == (2, [])
    assert told in " ".join(done.stderr.replace("│", " ").split())


def test_what_is_no_csv_writes_nothing(run: Any, script: Script, table: Path, tmp_path: Path) -> None:
    table.write_text("note\nx\na\rb,1\n", newline="")
    done = run("redact", "--file", table, "--column", "note", "--out", tmp_path / "out.csv")
    assert done.exit_code == 1
    assert done.stderr.startswith(f"{table} row 3: is no CSV: ")
    assert list(tmp_path.iterdir()) == [table]


def test_nobody_there_writes_nothing(table: Path, tmp_path: Path) -> None:
    table.write_text("note\nx\n")
    done = invoke("redact", "--file", table, "--column", "note", "--out", tmp_path / "out.csv", "--address", NOWHERE)
    assert done.exit_code == 3
    assert list(tmp_path.iterdir()) == [table]


def test_a_service_that_fails_otherwise_writes_nothing(run: Any, script: Script, table: Path, tmp_path: Path) -> None:
    table.write_text("note\nx\n")
    script.always = status(grpc.StatusCode.PERMISSION_DENIED, "not allowed", reason="RESTORE_NOT_ALLOWED")
    out = tmp_path / "out.csv"
    done = run("restore", "--file", table, "--column", "note", "--key-name", "k", "--out", out)
    assert (done.exit_code, out.exists()) == (1, False)
    assert done.stderr == f"{table} row 2: not allowed [RESTORE_NOT_ALLOWED]\n"


def test_an_output_that_cannot_be_written(run: Any, script: Script, table: Path) -> None:
    table.write_text("note\nx\n")
    done = run("redact", "--file", table, "--column", "note", "--out", table / "out.csv")
    assert done.exit_code == 2
    assert "cannot write" in done.stderr


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@given(
    st.lists(st.lists(CELLS, max_size=4), max_size=6),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_every_table_comes_back_as_it_was(cells: list[list[str]], delimiter: str, end: str) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(
        [["note", "b"], *cells]
    )
    data = io.BytesIO(buffer.getvalue().encode())
    table = Table(split_lines(data.read), Column("x.csv", "note"))
    written = b"".join(table.encoded(row) for row in table.rows())
    assert rows(written, delimiter) == [["note", "b"], *cells]
