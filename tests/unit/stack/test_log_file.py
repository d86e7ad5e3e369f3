"""Log files: one run after the other, full ones, and a disk without room."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from sensorium_client.stack.log_file import LogFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vision.log"


def test_a_full_file_is_followed_by_another(path: Path) -> None:
    file = LogFile(path, print, max_bytes=12)
    for line in ("first", "second", "third"):
        file.write(line)
    file.close()
    assert path.with_name("vision.log.1").read_text() == "first\nsecond\n"
    assert path.read_text() == "third\n"


def test_what_has_no_room_is_counted_and_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    file = LogFile(path, said.append)
    file.write("before")
    real = os.write

    def half(descriptor: int, data: bytes) -> int:
        if len(data) < 4:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(descriptor, data[: len(data) - 3])

    monkeypatch.setattr(os, "write", half)
    for number in range(3):
        file.write(f"lost {number}")
    assert path.read_text() == "before\n"  # no half of a line
    monkeypatch.undo()
    file.write("after")
    file.write("later")
    file.close()
    assert path.read_text() == "before\n3 lines had no room on the disk\nafter\nlater\n"
    assert said == [
        f"{path} cannot be written (No space left on device); what is logged meanwhile is lost",
        f"{path} is written again; 3 lines are lost",
    ]


def test_a_file_that_cannot_be_followed_by_another_is_tried_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    file = LogFile(path, said.append, max_bytes=1)
    file.write("first")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "open", full)
    file.write("lost")
    file.write("lost too")
    monkeypatch.undo()
    file.write("second")
    file.close()
    assert path.with_name("vision.log.1").read_text() == "first\n"
    assert path.read_text() == "2 lines had no room on the disk\nsecond\n"
    assert len(said) == 2
