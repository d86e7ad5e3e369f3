"""Models that Triton runs as Python, because a loop of several networks is no single graph.

* `serving`    is copied by the build beside each such model, and runs in Triton's process;
* `transcription` is copied beside those that write speech down;
* `in_process` runs a built one without Triton, for the check of models and for tests.
"""

from pathlib import Path

__all__ = ["python_files"]


def python_files(folder: Path, *common: str) -> dict[str, bytes]:
    """What a recipe's `files` must hold for a model whose code lies in `folder`: that code, and what it imports.

    Args:
        folder: Holds `model.py` and modules of its own.
        common: Folders of this package whose modules it uses, besides `serving`.
    """
    here = Path(__file__).parent
    shared = [path for name in common for path in sorted((here / name).glob("[a-z]*.py"))]
    paths = [*sorted(folder.glob("*.py")), *shared, here / "serving.py"]
    return {f"1/{path.name}": path.read_bytes() for path in paths}
