"""Files that become requests."""

from __future__ import annotations

import os
from pathlib import Path

from sensorium_client._errors import ErrorDetails, InvalidInputError, MessageTooLargeError

MAX_INPUT_BYTES = 32 * 1024 * 1024
"""The contracts' limit for what one request carries, where they do not say otherwise."""


def load(file: str | os.PathLike[str], limit: int = MAX_INPUT_BYTES) -> bytes:
    """The bytes of a file that one request is to carry.

    Raises:
        InvalidInputError: it cannot be read.
        MessageTooLargeError: it has more than `limit` bytes.
    """
    path = Path(file)
    try:
        check_size(path.stat().st_size, str(path), limit)
        return path.read_bytes()
    except OSError as failure:
        details = ErrorDetails(reason="FILE_UNREADABLE", metadata={"path": str(path)})
        raise InvalidInputError(f"cannot read {path}: {failure.strerror}", details=details) from failure


def check_size(size: int, what: str, limit: int = MAX_INPUT_BYTES) -> None:
    """Refuse what no request can carry; `what` names it.

    Raises:
        MessageTooLargeError: it has more than `limit` bytes.
    """
    if size <= limit:
        return
    raise MessageTooLargeError(
        f"{what} has {size / 2**20:.1f} MiB; a request carries at most {limit // 2**20} MiB",
        details=ErrorDetails(reason="MESSAGE_TOO_LARGE"),
    )
