"""Shared memory is checked before the start, so that the message can say what to do; Triton itself would only fail."""

import os
from pathlib import Path

__all__ = ["SharedMemoryError", "check_shared_memory"]

_SHM = Path("/dev/shm")  # noqa: S108 - where POSIX shared memory lies
# Each model's process begins with 1 MiB and takes more for large tensors: 17 MiB for the 14 models after their warm-up.
_BYTES_PER_MODEL = 2 * 1024 * 1024


class SharedMemoryError(Exception):
    """The models do not fit into the shared memory."""


def check_shared_memory(models: int, folder: Path = _SHM) -> None:
    """Check that there is room for the processes of so many models.

    Raises:
        SharedMemoryError: There is not; the text says how much is wanted.
    """
    state = os.statvfs(folder)
    free, wanted = state.f_bavail * state.f_frsize, models * _BYTES_PER_MODEL
    if free < wanted:
        raise SharedMemoryError(
            f"{folder} has {_mebibytes(free)} MiB free, {models} models want {_mebibytes(wanted)} MiB and more for "
            f"large inputs; free some, or make it larger (mount -o remount,size=1g {folder}; with Docker --shm-size=1g)"
        )


def _mebibytes(size: int) -> int:
    return size // (1024 * 1024)
