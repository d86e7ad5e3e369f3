"""The code that runs in Triton, imported here as a package of its own, as Triton imports it."""

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[4]
COMMON = ROOT / "shared" / "sensorium_models" / "python_models"


def served(module: str, folder: Path = COMMON / "transcription") -> Any:
    """The module `module` of a Python model whose own code lies in `folder`, from the source tree."""
    package = f"_served_{folder.parent.name}_{folder.name}"
    if package not in sys.modules:
        parent = ModuleType(package)
        parent.__path__ = [str(folder), str(COMMON / "transcription"), str(COMMON)]
        sys.modules[package] = parent
    return importlib.import_module(f"{package}.{module}")
