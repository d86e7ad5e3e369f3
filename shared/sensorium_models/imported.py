"""What the repository remembers of an imported model: a file in its folder, which Triton does not look at."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from sensorium_models.errors import ModelError
from sensorium_models.workplace import ModelFolder, Workplace

__all__ = ["MARKER", "Marker", "imported_models"]

MARKER = "import.json"


@dataclass(frozen=True, slots=True)
class Marker:
    """What `sensorium models list` shows of an imported model."""

    capability: str
    source: str
    license: str

    def write(self, folder: Path) -> None:
        """Write the file into a model's folder."""
        (folder / MARKER).write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n")


def imported_models(place: Workplace) -> Iterator[tuple[ModelFolder, Marker]]:
    """The imported models of all services, by service and name.

    Raises:
        ModelError: A model's file was changed by hand into something else.
    """
    for path in sorted(place.repositories.glob(f"*/*/{MARKER}")):
        try:
            marker = Marker(**json.loads(path.read_text()))
        except (ValueError, TypeError) as error:
            raise ModelError(f"{path} is damaged: remove the folder and import the model again") from error
        yield ModelFolder(path.parents[1].name, path.parent.name, path.parent), marker
