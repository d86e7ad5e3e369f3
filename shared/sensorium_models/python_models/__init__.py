"""Models that Triton runs as Python, because a loop of several networks is no single graph.

* `serving`    is copied by the build beside each such model, and runs in Triton's process;
* `transcription` is copied beside those that write speech down, of which `whisper` and `ctc` are complete;
* `in_process` runs a built one without Triton, for the check of models and for tests.
"""

from pathlib import Path

__all__ = ["python_files"]


def python_files(*folders: Path | str) -> dict[str, bytes]:
    """What a recipe's `files` must hold for a model that runs as Python.

    Args:
        folders: Where its modules lie, `model.py` and those that it imports: folders, or names of folders of this
            package. `serving.py` comes with them.
    """
    here = Path(__file__).parent
    paths = [path for folder in folders for path in sorted((here / folder).glob("*.py"))] + [here / "serving.py"]
    return {f"1/{path.name}": path.read_bytes() for path in paths}
