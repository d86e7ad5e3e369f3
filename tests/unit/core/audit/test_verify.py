"""Whatever is done to an audit log is found, and named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sensorium_core.audit import Head, Report, seal, verify
from sensorium_core.audit.files import LONGEST_LINE, read_head
from sensorium_core.reload import ConfigurationError

NAME = "vision-000000000001.jsonl"
Lines = list[bytes]


def made(count: int) -> tuple[Lines, Head]:
    """Lines of a log of so many records."""
    head, lines = Head(), []
    for number in range(count):
        line, head = seal({"event": "closed", "method": f"m{number}", "identity": "key:a"}, head, None)
        lines.append(line + b"\n")
    return lines, head


def check(folder: Path, lines: Lines, head: Head | None = None, *, partial: bool = False) -> Report:
    (folder / NAME).write_bytes(b"".join(lines))
    (folder / "vision.head").unlink(missing_ok=True)
    if head is not None:
        (folder / "vision.head").write_text(json.dumps({"seq": head.sequence, "hash": head.hash}))
    return verify([folder / NAME], partial=partial)


def found(report: Report) -> list[str]:
    return [str(finding) for finding in report.findings]


def test_a_whole_log_is_whole(tmp_path: Path) -> None:
    lines, head = made(9)
    report = check(tmp_path, lines, head)
    assert (report.findings, report.records, report.head) == ([], 9, head)


def test_a_changed_record_is_named(tmp_path: Path) -> None:
    lines, head = made(9)
    lines[3] = lines[3].replace(b"key:a", b"key:b")
    assert found(check(tmp_path, lines, head)) == [f"{NAME}:4: record 4 was changed, or made with another key"]


def test_a_removed_record_is_named(tmp_path: Path) -> None:
    lines, head = made(9)
    del lines[3:5]
    assert found(check(tmp_path, lines, head)) == [f"{NAME}:4: records 4 to 5 are missing before record 6"]


def test_records_in_another_order_are_named(tmp_path: Path) -> None:
    lines, head = made(9)
    lines[3], lines[4] = lines[4], lines[3]
    assert found(check(tmp_path, lines, head)) == [
        f"{NAME}:4: records 4 to 4 are missing before record 5",
        f"{NAME}:5: record 4 is out of order: it stands behind record 5",
    ]


def test_a_record_twice_is_named(tmp_path: Path) -> None:
    lines, head = made(9)
    lines.insert(4, lines[3])
    assert found(check(tmp_path, lines, head)) == [f"{NAME}:5: record 4 is out of order: it stands behind record 4"]


def test_a_record_that_was_made_anew_does_not_fit_what_follows(tmp_path: Path) -> None:
    lines, head = made(9)
    forged, _ = seal({"event": "closed", "method": "m3", "identity": "key:b"}, _head_of(lines[2]), None)
    lines[3] = forged + b"\n"
    assert found(check(tmp_path, lines, head)) == [
        f"{NAME}:5: record 5 does not follow the record before it, which was replaced"
    ]


def test_an_end_that_was_cut_off_is_known_from_the_head(tmp_path: Path) -> None:
    lines, head = made(9)
    assert found(check(tmp_path, lines[:6], head)) == [
        f"{NAME}: records 7 to 9, which vision.head knows of, are missing at the end"
    ]
    half = [*lines[:5], lines[5][:-20]]
    assert found(check(tmp_path, half, head)) == [
        f"{NAME}:6: is no record, or one that was cut, after record 5",
        f"{NAME}: records 6 to 9, which vision.head knows of, are missing at the end",
    ]
    assert found(check(tmp_path, [*lines[:-1], lines[-1][:-1]], head))  # even its line end


def test_a_log_that_was_made_anew_as_a_whole_is_known_from_a_head_noted_elsewhere(tmp_path: Path) -> None:
    _, noted = made(9)
    head, anew = Head(), []
    for number in range(12):
        line, head = seal({"event": "closed", "number": number}, head, None)
        anew.append(line + b"\n")
    assert found(check(tmp_path, anew, head)) == []
    report = verify([tmp_path / NAME], expected=noted)
    assert found(report) == ["the head that was expected: record 9 is not the one in the log"]


def test_files_that_are_missing_are_named(tmp_path: Path) -> None:
    lines, _ = made(9)
    second, third = tmp_path / "vision-000000000004.jsonl", tmp_path / "vision-000000000007.jsonl"
    second.write_bytes(b"".join(lines[3:6]))
    third.write_bytes(b"".join(lines[6:]))
    (tmp_path / NAME).write_bytes(b"".join(lines[:3]))
    assert found(verify([third, tmp_path / NAME, second])) == []
    assert found(verify([tmp_path / NAME, third])) == [f"{third.name}:1: records 4 to 6 are missing before record 7"]
    assert found(verify([second, third])) == [f"{second.name}:1: records 1 to 3 are missing before record 4"]
    assert found(verify([second, third], partial=True)) == []


@pytest.mark.parametrize(
    "line",
    [b"\n", b"{}\n", b"null\n", b"[1]\n", b"\xff\xfe\n", b'{"seq":"x"}\n', b'{"seq":1,"hash":"' + b"0" * 64 + b'"}'],
)
def test_what_is_no_record_is_named(tmp_path: Path, line: bytes) -> None:
    assert len(check(tmp_path, [line]).findings) >= 1


def test_a_line_without_end_is_read_in_parts(tmp_path: Path) -> None:
    report = check(tmp_path, [b"x" * (2 * LONGEST_LINE + 1)])
    assert [str(finding).partition(",")[0] for finding in report.findings] == [
        f"{NAME}:{part}: is no record" for part in (1, 2, 3)
    ]


@pytest.mark.parametrize("text", ['{"seq": Infinity, "hash": "x"}', "[" * 3000, '{"seq": "x"}', "7", "\\xff"])
def test_a_head_that_says_nothing_is_that_of_an_empty_log(tmp_path: Path, text: str) -> None:
    (tmp_path / "vision.head").write_text(text)
    assert read_head(tmp_path / "vision.head") == Head()


def test_a_file_that_is_not_there_is_an_error_and_no_finding(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        verify([tmp_path / NAME])


LINES, HEAD = made(12)


def _flip(data: st.DataObject, lines: Lines) -> Lines:
    text = bytearray(b"".join(lines))
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] ^= data.draw(st.integers(1, 255))
    return [bytes(text)]


def _remove(data: st.DataObject, lines: Lines) -> Lines:
    first = data.draw(st.integers(0, len(lines) - 1))
    last = data.draw(st.integers(first + 1, len(lines)))
    return lines[:first] + lines[last:]


def _swap(data: st.DataObject, lines: Lines) -> Lines:
    one = data.draw(st.integers(0, len(lines) - 2))
    other = data.draw(st.integers(one + 1, len(lines) - 1))
    lines[one], lines[other] = lines[other], lines[one]
    return lines


def _cut(data: st.DataObject, lines: Lines) -> Lines:
    text = b"".join(lines)
    return [text[: data.draw(st.integers(0, len(text) - 1))]]


def _insert(data: st.DataObject, lines: Lines) -> Lines:
    lines.insert(data.draw(st.integers(0, len(lines))), data.draw(st.sampled_from(lines)))
    return lines


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data(), st.sampled_from([_flip, _remove, _swap, _cut, _insert]))
def test_no_manipulation_goes_unnoticed(
    tmp_path: Path, data: st.DataObject, manipulate: Callable[[st.DataObject, Lines], Lines]
) -> None:
    assert check(tmp_path, manipulate(data, [*LINES]), HEAD).findings


def _head_of(line: bytes) -> Head:
    record = json.loads(line)
    return Head(record["seq"], record["hash"])
