"""Python files loaded by path: recipes, and model code inside a wheel that is not installed."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from sensorium_models.errors import RecipeError

__all__ = ["load_module"]


def load_module(path: Path, name: str) -> ModuleType:
    """Execute the file at `path` as the module `name` and return it.

    An `__init__.py` is loaded as a package, so that its relative imports work. The module is entered in `sys.modules`,
    which dataclasses and relative imports rely on; a second call gives the module already loaded.

    Raises:
        RecipeError: `path` is not a Python file that can be loaded.
    """
    if name in sys.modules:
        return sys.modules[name]
    search = [str(path.parent)] if path.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=search)
    if spec is None or spec.loader is None or not path.is_file():
        raise RecipeError(f"{path} cannot be loaded as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
