"""Writes results into a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sensorium_client import InvalidInputError, Result
from sensorium_client._errors import ErrorDetails
from sensorium_client.cli._options import STDIN


def output_names(files: Sequence[str], folder: Path, suffixes: Sequence[str]) -> list[str]:
    """A name without suffix for each file's results: distinct, and such that no input is overwritten.

    Args:
        files: the inputs' paths, or `-`.
        folder: where the results go.
        suffixes: those of the results.
    """
    inputs = {Path(file).resolve() for file in files if file != STDIN}
    taken: set[str] = set()

    def is_free(name: str) -> bool:
        overwrites = any((folder / f"{name}{suffix}").resolve() in inputs for suffix in suffixes)
        return not overwrites and name.casefold() not in taken  # some file systems do not tell upper from lower case

    names = []
    for file in files:
        names.append(_free_name("stdin" if file == STDIN else Path(file).stem, is_free))
        taken.add(names[-1].casefold())
    return names


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Make a folder to write to.

    Raises:
        InvalidInputError: it, or something in it, cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as failure:
        details = ErrorDetails(reason="FILE_UNWRITABLE", metadata={"path": str(folder)})
        raise InvalidInputError(f"cannot write to {folder}: {failure.strerror}", details=details) from failure


def write_json(path: Path, result: Result) -> None:
    """Write a result as a line of JSON."""
    path.write_text(result.to_json() + "\n", encoding="utf-8")


def _free_name(stem: str, is_free: Callable[[str], bool]) -> str:
    name, number = stem, 1
    while not is_free(name):
        number += 1
        name = f"{stem}-{number}"
    return name
