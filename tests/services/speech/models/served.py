"""The code that runs in Triton beside a model, imported here as a package of its own, as Triton imports it."""

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[4]
COMMON = ROOT / "shared" / "sensorium_models" / "python_models"


def served(model: str, module: str) -> Any:
    """The module `module` of the speech model `model`, from the source tree."""
    package = f"_served_{model}"
    if package not in sys.modules:
        parent = ModuleType(package)
        parent.__path__ = [str(ROOT / "services" / "speech" / "models" / model / "served"), str(COMMON)]
        sys.modules[package] = parent
    return importlib.import_module(f"{package}.{module}")
