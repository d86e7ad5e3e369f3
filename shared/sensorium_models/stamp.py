"""Whether a built model is still what its recipe would make, told without importing the recipe."""

import hashlib
from pathlib import Path

from sensorium_models.workplace import ModelFolder

__all__ = ["STAMP", "is_current", "stamp_of"]

STAMP = "recipe.sha256"
"""Name of the stamp in a built model's folder. Triton ignores files it does not know there."""

# Modules whose change may change what is built. Wheels need no entry: their checksums are in the recipe's text.
_BUILDER = tuple(Path(__file__).with_name(name) for name in ("build.py", "config.py", "graph.py", "recipe.py"))


def stamp_of(model: ModelFolder) -> str:
    """SHA-256 over the recipe, its configuration and the builder's own code, in hexadecimal."""
    total = hashlib.sha256()
    for path in (model.recipe, model.config, *_BUILDER):
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def is_current(model: ModelFolder, built: Path) -> bool:
    """Whether `built` holds a finished model made by exactly this recipe."""
    stamp = built / STAMP
    complete = (built / "1" / "model.onnx").is_file() and (built / "config.pbtxt").is_file() and stamp.is_file()
    return complete and stamp.read_text() == stamp_of(model)
