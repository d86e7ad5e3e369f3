"""The audit log on the disk: chained, rotated, continued, and honest about a disk that is full."""

from __future__ import annotations

import errno
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sensorium_core.audit import GENESIS, AuditKey, read_key, verify
from sensorium_core.audit import log as audit_log
from sensorium_core.audit.files import AuditFiles
from sensorium_core.reload import ConfigurationError
from sensorium_core.telemetry import Metrics
from unit.core.audit.conftest import Open
from unit.core.support import sample, until

KEY = AuditKey(b"k" * 32)


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.jsonl"))


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in files(folder) for line in path.read_text().splitlines()]


def events(folder: Path) -> list[str]:
    return [record["event"] for record in records(folder)]


def test_records_are_numbered_and_each_names_the_hash_before_it(open_log: Open, folder: Path) -> None:
    with open_log() as log:
        for method in ("Classify", "ReadText"):
            log.record(event="call", method=method)
    found = records(folder)
    assert [record["event"] for record in found] == ["opened", "call", "call", "closed"]
    assert [record["seq"] for record in found] == [1, 2, 3, 4]
    assert [record["prev"] for record in found] == [GENESIS, *(record["hash"] for record in found[:-1])]
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", found[1]["time"])
    assert (found[1]["service"], found[1]["method"]) == ("vision", "Classify")
    assert verify(files(folder)).findings == []


def test_files_are_for_their_owner_alone(open_log: Open, folder: Path) -> None:
    with open_log():
        pass
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(folder)} == {0o600}


def test_the_chain_goes_on_through_rotation_and_restart(open_log: Open, folder: Path) -> None:
    for _ in range(3):
        with open_log(max_bytes=4096) as log:
            for number in range(40):
                log.record(event="call", number=number)
    assert len(files(folder)) > 2
    assert [record["seq"] for record in records(folder)] == list(range(1, 127))
    for path in files(folder):
        assert path.name == f"vision-{json.loads(path.read_text().splitlines()[0])['seq']:012d}.jsonl"
    report = verify(files(folder))
    assert (report.findings, report.remarks, report.records) == ([], [], 126)


def test_nothing_that_is_written_is_touched_again(open_log: Open, folder: Path) -> None:
    with open_log(max_bytes=4096) as log:
        log.record(event="call")
    before = files(folder)[0].read_bytes()
    with open_log(max_bytes=4096) as log:
        log.record(event="call")
    assert files(folder)[0].read_bytes().startswith(before)


def test_a_key_makes_hashes_that_others_cannot(open_log: Open, folder: Path) -> None:
    with open_log(key=KEY) as log:
        log.record(event="call")
    assert verify(files(folder), KEY).findings == []
    assert len(verify(files(folder)).findings) == 3
    assert len(verify(files(folder), AuditKey(b"x" * 32)).findings) == 3


def test_a_key_is_long_enough(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"short\n")
    with pytest.raises(ConfigurationError, match="32 bytes or more"):
        read_key(path)
    path.write_bytes(b"k" * 32 + b"\n")
    assert read_key(path) == KEY


def test_a_line_that_was_cut_by_a_crash_is_taken_off_and_told(open_log: Open, folder: Path) -> None:
    with open_log() as log:
        log.record(event="call")
    (path,) = files(folder)
    with path.open("ab") as file:
        file.write(b'{"seq":4,"time":"2026')
    with open_log():
        pass
    assert events(folder) == ["opened", "call", "closed", "opened", "closed"]
    assert records(folder)[3]["torn_bytes"] == 21
    report = verify(files(folder))
    assert report.findings == []
    assert [str(remark) for remark in report.remarks] == [
        "vision-000000000001.jsonl:4: a record of 21 bytes was not written to its end"
    ]


def test_a_killed_service_leaves_a_chain_that_goes_on(open_log: Open, folder: Path) -> None:
    script = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from sensorium_core.audit import AuditLog, AuditSettings\n"
        "from sensorium_core.telemetry import Metrics\n"
        "log = AuditLog(AuditSettings(Path(sys.argv[1]), 'vision'), Metrics()).__enter__()\n"
        "for number in range(100): log.record(event='call', number=number)\n"
        "time.sleep(0.3)\n"
        "log.record(event='call', number=-1)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(folder)], check=False, timeout=60)
    with open_log():
        pass
    assert events(folder)[:101] == ["opened", *["call"] * 100]
    report = verify(files(folder))
    assert report.findings == []
    assert ["killed" in remark.problem for remark in report.remarks] == [True]


def test_records_that_are_gone_leave_a_gap(open_log: Open, folder: Path, logs: list[Any]) -> None:
    with open_log() as log:
        for _ in range(10):
            log.record(event="call")
    (path,) = files(folder)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:5]))
    with open_log():
        pass
    assert records(folder)[5]["missing"] == [6, 12]
    assert [finding.problem for finding in verify(files(folder)).findings] == [
        "records 6 to 12 are missing before record 13"
    ]
    assert "records are gone from the audit log" in [entry["event"] for entry in logs]


def test_one_process_writes_at_a_time(open_log: Open, folder: Path) -> None:
    with open_log(), pytest.raises(ConfigurationError, match="another process writes the audit log of vision there"):
        open_log()
    with open_log():
        pass


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path, metrics: Metrics) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match=r"file/audit: Not a directory"):
        AuditFiles(tmp_path / "file" / "audit", "vision", 4096)


class Disk:
    """A disk that can be full: it then takes some bytes and no more."""

    def __init__(self) -> None:
        self.full = False
        self.write = os.write

    def __call__(self, file: int, data: bytes) -> int:
        if not self.full:
            return self.write(file, data)
        if len(data) > 10:
            return self.write(file, data[:10])
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()
    monkeypatch.setattr("sensorium_core.audit.files.os.write", disk)
    return disk


@pytest.mark.usefixtures("quick")
class TestFullDisk:
    async def test_what_waits_is_written_when_there_is_room_again(
        self, open_log: Open, folder: Path, disk: Disk, metrics: Metrics, logs: list[Any]
    ) -> None:
        with open_log() as log:
            await until(lambda: sample(metrics, "sensorium_audit_records_total") == 1)
            assert log.working
            disk.full = True
            log.record(event="call", number=1)
            await until(lambda: sample(metrics, "sensorium_audit_failing") == 1)
            assert not log.working
            log.record(event="call", number=2)
            assert files(folder)[0].read_bytes().count(b"\n") == 1  # no half of a record stays
            disk.full = False
            await until(lambda: sample(metrics, "sensorium_audit_failing") == 0)
            assert log.working
        assert events(folder) == ["opened", "call", "call", "closed"]
        assert verify(files(folder)).findings == []
        assert [entry["event"] for entry in logs if entry["log_level"] in ("error", "info")][:2] == [
            "the audit log cannot be written",
            "the audit log is written again",
        ]

    async def test_what_has_no_room_is_counted_and_told_afterwards(
        self, open_log: Open, folder: Path, disk: Disk, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(audit_log, "_MOST_WAITING", 5)
        monkeypatch.setattr(audit_log, "_MOST_TOGETHER", 3)
        with open_log() as log:
            await until(lambda: sample(metrics, "sensorium_audit_records_total") == 1)
            disk.full = True
            log.record(event="call", number=0)
            await until(lambda: sample(metrics, "sensorium_audit_failing") == 1)
            for number in range(1, 20):
                log.record(event="call", number=number)
            dropped = int(sample(metrics, "sensorium_audit_dropped_total"))
            assert dropped >= 10
            disk.full = False
        assert events(folder)[-1] == "closed"
        (lost,) = [record for record in records(folder) if record["event"] == "lost"]
        calls = [record["number"] for record in records(folder) if record["event"] == "call"]
        assert lost["records"] == dropped
        assert calls == list(range(20 - dropped))
        report = verify(files(folder))
        assert report.findings == []
        assert f"{dropped} records had no room" in str(report.remarks)

    async def test_a_service_ends_all_the_same(
        self, open_log: Open, folder: Path, disk: Disk, metrics: Metrics, logs: list[Any]
    ) -> None:
        with open_log() as log:
            await until(lambda: sample(metrics, "sensorium_audit_records_total") == 1)
            disk.full = True
            log.record(event="call")
        assert "the audit log could not be closed" in [entry["event"] for entry in logs]
        disk.full = False
        with open_log():
            pass
        assert verify(files(folder)).findings == []

    def test_a_disk_that_really_is_full(self, tmp_path: Path, metrics: Metrics, mount: Callable[[Path], bool]) -> None:
        place = tmp_path / "small"
        place.mkdir()
        if not mount(place):
            pytest.skip("mounting a small disk takes rights that are not there")
        log = AuditFiles(place / "audit", "vision", 1 << 20)
        line = b"x" * 1000 + b"\n"
        for _ in range(40):
            log.append(line, log.head)
        with pytest.raises(OSError, match="No space left"):
            log.append(line * 100, log.head)
        (path,) = files(place / "audit")
        assert path.read_bytes() == line * 40
        log.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer looks often, so that a test need not wait for it."""
    monkeypatch.setattr(audit_log, "_PAUSE", 0.005)
    monkeypatch.setattr(audit_log, "_PAUSE_AFTER_FAILURE", 0.005)


@pytest.fixture
def mount() -> Any:
    """Mounts a disk of 64 KiB in memory; whether that worked."""
    mounted: list[Path] = []

    def try_to(place: Path) -> bool:
        command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
        done = subprocess.run(command, capture_output=True, check=False).returncode == 0
        mounted.extend([place] * done)
        return done

    yield try_to
    for place in mounted:
        subprocess.run(["umount", str(place)], check=True)
