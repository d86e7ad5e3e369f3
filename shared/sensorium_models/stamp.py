"""Whether a built model is still what its recipe would make, told without importing the recipe."""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sensorium_models.workplace import ModelFolder

__all__ = ["STAMP", "is_current", "stamp_of"]

STAMP = "recipe.sha256"
"""Name of the stamp in a built model's folder. Triton ignores files it does not know there."""

# Where the packages lie whose modules recipes import. Wheels need no entry: their checksums are in the recipe's text.
_PACKAGES = Path(__file__).parents[1]
_BUILDER = tuple(Path(__file__).with_name(name) for name in ("build.py", "config.py"))
# What only the check of a model uses does not change the model, and neither does what that imports.
_CHECK_ONLY = {
    Path(__file__).parent / name
    for name in (
        "inference.py",
        "pictures.py",
        "python_models/in_process.py",
        "recordings.py",
        "source.py",
        "texts.py",
        "words.py",
    )
}


def stamp_of(model: ModelFolder) -> str:
    """SHA-256 over the recipe, its configuration and all code of Sensorium that makes the model, in hexadecimal."""
    # Python beside a recipe is what it reads, or what Triton will run.
    code = _code_behind([model.recipe, *model.path.rglob("*.py"), *_BUILDER])
    total = hashlib.sha256(model.config.read_bytes())
    for digest in sorted(map(_digest, code)):
        total.update(digest)
    return total.hexdigest()


def is_current(model: ModelFolder, built: Path) -> bool:
    """Whether `built` holds a finished model made by exactly this recipe."""
    stamp = built / STAMP
    served = any((built / "1" / name).is_file() for name in ("model.onnx", "model.py"))
    return served and (built / "config.pbtxt").is_file() and stamp.is_file() and stamp.read_text() == stamp_of(model)


def _digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def _code_behind(paths: list[Path]) -> set[Path]:
    """`paths`, and every module of Sensorium that they import, directly or not; none that only a check uses."""
    found: set[Path] = set()
    while paths:
        path = paths.pop()
        if path not in found and path not in _CHECK_ONLY:
            found.add(path)
            paths += _imports(path, path.stat().st_mtime_ns)
    return found


@cache
def _imports(path: Path, _modified: int) -> tuple[Path, ...]:
    tree = ast.parse(path.read_bytes())
    nodes = list(ast.walk(tree))
    found = [_module_file(name) for node in nodes for name in _imported_names(node)]
    found += [file for node in nodes for file in _beside(path, node)]
    return tuple(file for file in found if file is not None)


def _beside(path: Path, node: ast.AST) -> Iterator[Path]:
    """Modules in the same folder, as Python models import each other."""
    if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module:
        file = path.with_name(f"{node.module}.py")
        if file.is_file():
            yield file


def _imported_names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def _module_file(name: str) -> Path | None:
    if not name.startswith("sensorium_"):
        return None
    place = _PACKAGES.joinpath(*name.split("."))
    candidates = (place.with_suffix(".py"), place / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)
