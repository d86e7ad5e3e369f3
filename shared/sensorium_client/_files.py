"""Files that become requests."""

from __future__ import annotations

import os
from pathlib import Path

from sensorium_client._errors import ErrorDetails, InvalidInputError, MessageTooLargeError

MAX_INPUT_BYTES = 32 * 1024 * 1024
"""The contracts' limit for what one request carries."""


def load(file: str | os.PathLike[str]) -> bytes:
    """The bytes of a file that one request is to carry.

    Raises:
        InvalidInputError: it cannot be read.
        MessageTooLargeError: it has more than 32 MiB.
    """
    path = Path(file)
    try:
        check_size(path.stat().st_size, str(path))
        return path.read_bytes()
    except OSError as failure:
        details = ErrorDetails(reason="FILE_UNREADABLE", metadata={"path": str(path)})
        raise InvalidInputError(f"cannot read {path}: {failure.strerror}", details=details) from failure


def check_size(size: int, what: str) -> None:
    """Refuse what no request can carry; `what` names it.

    Raises:
        MessageTooLargeError: it has more than 32 MiB.
    """
    if size <= MAX_INPUT_BYTES:
        return
    raise MessageTooLargeError(
        f"{what} has {size / 2**20:.1f} MiB; a request carries at most {MAX_INPUT_BYTES // 2**20} MiB",
        details=ErrorDetails(reason="MESSAGE_TOO_LARGE"),
    )
