"""Models that Triton runs as Python, because a loop of several networks is no single graph.

* `serving`    is copied by the build beside each such model, and runs in Triton's process;
* `in_process` runs a built one without Triton, for the check of models and for tests.
"""

from pathlib import Path

__all__ = ["python_files"]


def python_files(folder: Path) -> dict[str, bytes]:
    """What a recipe's `files` must hold for a model whose code lies in `folder`: that code, and `serving.py`."""
    paths = [*sorted(folder.glob("*.py")), Path(__file__).with_name("serving.py")]
    return {f"1/{path.name}": path.read_bytes() for path in paths}
