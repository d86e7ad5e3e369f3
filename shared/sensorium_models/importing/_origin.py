"""Where an imported model comes from, and what its licence is."""

import hashlib
import re
from pathlib import Path

from sensorium_models.imported import Marker
from sensorium_models.importing._folder import weight_files

__all__ = ["marker_of"]

_LICENSE = re.compile(r"^license:[ \t]*([A-Za-z0-9.+-]{1,64})[ \t]*$", re.MULTILINE)


def marker_of(source: Path, capability: str, origin: str) -> Marker:
    """What the repository is to remember of the model in `source`, a copy of a folder called `origin`."""
    return Marker(capability, f"imported {origin}, {_digest(source)}", _license(source))


def _digest(source: Path) -> str:
    total = hashlib.sha256()
    for name in weight_files(source):
        with (source / name).open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return f"weights sha256:{total.hexdigest()[:16]}"


def _license(source: Path) -> str:
    card = source / "README.md"
    found = _LICENSE.search(card.read_text(errors="replace")) if card.exists() else None
    return found.group(1) if found else "not stated"
