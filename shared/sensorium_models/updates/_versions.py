"""The versions of one model on disk.

    <model>/config.pbtxt    what Triton reads: the configuration of the version that serves, pinned to that version
    <model>/1/, <model>/2/  the versions; each has its own configuration in a `config.pbtxt`, which Triton does not read

`config.pbtxt` is the whole truth, and is replaced in one step: a Triton that starts at any moment, and an update that
was cut off at any moment, find one version that serves.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sensorium_core.triton import format_config, parse_config
from sensorium_models.config import PROMOTED, text_literal
from sensorium_models.updates._errors import RefusedError

_CONFIG = "config.pbtxt"
_PREVIOUS = "previous_version"
# What the build has made, and looks for.
_BUILT = 1


class Versions:
    """The versions of the model in `folder`, which `locked` keeps from being changed by two at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def name(self) -> str:
        """The model's name."""
        return self.folder.name

    @property
    def present(self) -> list[int]:
        """Those that are there, in order."""
        return sorted(int(path.name) for path in self.folder.iterdir() if path.name.isdecimal() and path.is_dir())

    @property
    def serving(self) -> int:
        """The one that serves; without a pin the highest, as Triton takes it."""
        pinned = self._pinned()
        return pinned if pinned is not None else max(self.present, default=_BUILT)

    @property
    def previous(self) -> int | None:
        """The one that served before, if it is still there."""
        parameters = parse_config(self._text()).parameters
        text = parameters[_PREVIOUS].string_value if _PREVIOUS in parameters else ""
        return int(text) if text.isdecimal() and int(text) in self.present else None

    def config(self, version: int) -> Any:
        """The ModelConfig message of a version, pinned to it."""
        config = parse_config(self._text_of(version))
        config.version_policy.specific.versions[:] = [version]
        return config

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps other updates of the model out.

        Raises:
            RefusedError: BUSY: one is under way.
        """
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RefusedError(f"{self.name} is being updated by another command", "BUSY") from error
            yield
        finally:
            os.close(folder)

    def place(self, files: Mapping[str, Path], config: str, scratch: Path) -> int:
        """Puts a version beside the others, whole or not at all; it does not serve. Gives its number.

        Args:
            files: what it consists of, by name.
            config: its configuration, without a pin.
            scratch: an existing folder on the same file system.
        """
        self._pin()
        number = max(self.present) + 1
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            new = Path(folder) / "version"
            new.mkdir()
            for name, file in files.items():
                shutil.copyfile(file, new / name)
                _sync(new / name)
            _write(new / _CONFIG, config)
            new.rename(self.folder / str(number))
        _sync(self.folder)
        return number

    def commit(self, version: int, previous: int | None) -> None:
        """Makes a version the one that serves from the next load on."""
        self._pin()
        self._write(self._text_of(version), version, previous)

    def discard(self, version: int) -> None:
        """Removes a version that does not serve."""
        assert version != self.serving
        shutil.rmtree(self.folder / str(version), ignore_errors=True)

    def prune(self) -> None:
        """Removes all versions but the one that serves, the one before it, and what the build has made."""
        for version in set(self.present) - {_BUILT, self.serving, self.previous}:
            self.discard(version)

    def _pin(self) -> None:
        """Without a pin, a version put beside the others would serve after Triton's next start."""
        for version in self.present:
            own = self.folder / str(version) / _CONFIG
            if not own.is_file():
                _write(own, _unpinned(self._text()))
        if self._pinned() is None:
            self._write(self._text_of(self.serving), self.serving, None)

    def _pinned(self) -> int | None:
        versions = parse_config(self._text()).version_policy.specific.versions
        return int(versions[0]) if len(versions) == 1 else None

    def _text(self) -> str:
        return (self.folder / _CONFIG).read_text()

    def _text_of(self, version: int) -> str:
        own = self.folder / str(version) / _CONFIG
        return _unpinned((own if own.is_file() else self.folder / _CONFIG).read_text())

    def _write(self, config: str, version: int, previous: int | None) -> None:
        lines = [config.rstrip(), "", PROMOTED]
        lines.append(f"version_policy {{ specific {{ versions: [ {version} ] }} }}")
        if previous is not None:
            value = f"value {{ string_value: {text_literal(str(previous))} }}"
            lines.append(f"parameters {{ key: {text_literal(_PREVIOUS)} {value} }}")
        _write(self.folder / _CONFIG, "\n".join([*lines, ""]))


def _unpinned(text: str) -> str:
    config = parse_config(text)
    if not config.HasField("version_policy") and _PREVIOUS not in config.parameters:
        return text  # as it was written, comments and all
    config.ClearField("version_policy")
    config.parameters.pop(_PREVIOUS, None)
    return format_config(config)


def _write(path: Path, text: str) -> None:
    new = path.with_name(f"{path.name}.new")
    new.write_text(text)
    _sync(new)
    new.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
