"""Where the builder reads recipes and where it writes: the one place that knows folder names."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ModelFolder", "Workplace"]


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """One recipe in the source tree: `services/<service>/models/<name>/{recipe.py,config.pbtxt}`.

    Those below `optional_models` instead are built only when they are asked for.
    """

    service: str
    name: str
    path: Path

    @property
    def recipe(self) -> Path:
        """The Python file that holds `RECIPE`."""
        return self.path / "recipe.py"

    @property
    def config(self) -> Path:
        """Triton's model configuration, complete but for what only the build knows (labels, source, licence)."""
        return self.path / "config.pbtxt"


@dataclass(frozen=True, slots=True)
class Workplace:
    """The folders of one checkout, all below `root`."""

    root: Path

    @property
    def wheels(self) -> Path:
        """Verified wheels, kept so that a rebuild needs no network."""
        return self.root / "build" / "cache" / "wheels"

    @property
    def extracted(self) -> Path:
        """The unpacked content of those wheels."""
        return self.root / "build" / "cache" / "extracted"

    @property
    def recordings(self) -> Path:
        """Files made of recordings that lie in a package as bare samples."""
        return self.root / "build" / "cache" / "recordings"

    @property
    def repositories(self) -> Path:
        """One Triton model repository per service."""
        return self.root / "build" / "models"

    def built(self, model: ModelFolder) -> Path:
        """The folder Triton serves `model` from."""
        return self.repositories / model.service / model.name

    def models(self) -> list[ModelFolder]:
        """Every recipe of every service that is built unasked, ordered by service and name."""
        return self._recipes("models")

    def optional_models(self) -> list[ModelFolder]:
        """The recipes that are built only when they are asked for by name, in the same order."""
        return self._recipes("optional_models")

    def _recipes(self, kind: str) -> list[ModelFolder]:
        found = sorted(self.root.glob(f"services/*/{kind}/*/recipe.py"))
        return [ModelFolder(path.parents[2].name, path.parent.name, path.parent) for path in found]

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A temporary folder on the file system of the results, so that a finished result can be renamed into place."""
        parent = self.root / "build" / "tmp"
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent) as folder:
            yield Path(folder)
