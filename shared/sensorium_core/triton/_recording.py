"""Keeps a few requests as callers make them, so that another version of a model can be tried on them.

They hold what callers have sent, as tensors: pictures, sound, token ids. So nothing is kept unless a setting asks for
it, and only the service's user can read the files.
"""

import asyncio
import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import structlog

from sensorium_core.triton._requests import Array

_LARGEST = 16 * 1024 * 1024
_PREFIX = "recorded-"
# Requests that come at once resemble each other.
_PAUSE_S = 1.0

_log = structlog.get_logger("recording")


class Recorder:
    """Writes requests into a folder per model, until each has enough.

    Args:
        folder: where the models' folders are made.
        most: requests of a model; with as many files there, also from before, no more are written.
    """

    def __init__(self, folder: Path, most: int) -> None:
        self._folder = folder
        self._most = most
        self._next: dict[str, float] = {}
        self._writing: asyncio.Future[None] | None = None

    def offer(self, model: str, inputs: Mapping[str, Array]) -> None:
        """Keeps a request if there is room and time for it; it costs the caller nothing, and never fails."""
        now = time.monotonic()
        busy = self._writing is not None and not self._writing.done()
        if busy or now < self._next.get(model, 0.0) or sum(array.nbytes for array in inputs.values()) > _LARGEST:
            return
        self._next[model] = now + _PAUSE_S
        self._writing = asyncio.ensure_future(self._keep(model, inputs))

    async def finish(self) -> None:
        """Waits until nothing is being written."""
        if self._writing is not None:
            await self._writing

    async def _keep(self, model: str, inputs: Mapping[str, Array]) -> None:
        try:
            if not await asyncio.to_thread(self._write, self._folder / model, inputs):
                self._next[model] = float("inf")
                _log.info("enough requests recorded", model=model, folder=str(self._folder / model))
        except OSError as error:
            self._next[model] = float("inf")
            _log.error("requests are not recorded", model=model, problem=str(error))

    def _write(self, folder: Path, inputs: Mapping[str, Array]) -> bool:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if len(list(folder.glob(f"{_PREFIX}*.npz"))) >= self._most:
            return False
        new = folder / f".{_PREFIX}{secrets.token_hex(8)}"
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                np.savez(file, allow_pickle=False, **dict(inputs))
            new.replace(folder / f"{new.name.removeprefix('.')}.npz")
        finally:
            new.unlink(missing_ok=True)
        return True
