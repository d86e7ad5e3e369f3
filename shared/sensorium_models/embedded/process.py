"""One running Triton server, from its start until nothing of it is left."""

import asyncio
import contextlib
import os
import signal
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from sensorium_models.embedded.command import Command
from sensorium_models.embedded.stubs import Stubs

__all__ = ["TritonProcess"]

_LONGEST_LINE = 1 << 20
_LAST_LINES_S = 0.3


class TritonProcess:
    """Async context manager around the server's process and its models' processes.

    Leaving it stops the server, by force after a while, kills its models' processes, and removes its shared memory.

    Args:
        command: what to start.
        shm_prefix: the prefix of shared memory that `command` names.
        stop_timeout_s: seconds that the server gets to end after SIGTERM.
        on_line: gets each line that the server prints.
    """

    def __init__(
        self, command: Command, *, shm_prefix: str, stop_timeout_s: float, on_line: Callable[[str], None]
    ) -> None:
        self._command = command
        self._stop_timeout_s = stop_timeout_s
        self._on_line = on_line
        self._last_lines: deque[str] = deque(maxlen=1)
        self._process: asyncio.subprocess.Process | None = None
        self._pipe: asyncio.BaseTransport
        self._pump: asyncio.Task[None] | None = None
        self.stubs = Stubs(shm_prefix)

    async def __aenter__(self) -> Self:
        """Start the server, in a session of its own: a Ctrl-C in the terminal is the launcher's to handle."""
        # A pipe of our own: with asyncio's, waiting for the server would wait for the stubs too, which hold it open.
        read_end, write_end = os.pipe()
        loop = asyncio.get_running_loop()
        lines = asyncio.StreamReader(limit=_LONGEST_LINE)
        self._pipe, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(read_end, "rb", buffering=0)
        )
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command.arguments,
                env=self._command.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=write_end,
                stderr=write_end,
                start_new_session=True,
            )
        finally:
            os.close(write_end)
        self._pump = asyncio.create_task(self._read_lines(lines), name="triton log")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server and remove what it leaves behind."""
        assert self._process is not None
        assert self._pump is not None
        if self._process.returncode is None:
            await self.end(self._stop_timeout_s)
        self.stubs.kill()
        await asyncio.wait({self._pump}, timeout=_LAST_LINES_S)
        self._pump.cancel()
        self._pipe.close()
        self.stubs.sweep()

    async def wait(self) -> str:
        """Wait until the server ends by itself, and say how: its signal or exit status, and its last line."""
        assert self._process is not None
        assert self._pump is not None
        status = await self._process.wait()
        # Its last words may still be in the pipe, which its models' processes hold open a while longer.
        await asyncio.wait({self._pump}, timeout=_LAST_LINES_S)
        how = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"exited with status {status}"
        return ": ".join([how, *self._last_lines]) if status > 0 else how

    async def end(self, within_s: float) -> None:
        """End the server: at once, or after the requests in flight, as far as they need no more than these seconds.

        One that does not answer would only use up the time.
        """
        assert self._process is not None
        if within_s > 0:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await self._process.wait()
        self._signal(signal.SIGKILL)
        await self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            # Not the process' own methods: they may take its exit status away from asyncio, which then reports 255.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, number)

    async def _read_lines(self, lines: asyncio.StreamReader) -> None:
        while True:
            try:
                raw = await lines.readline()
            except ValueError:
                continue  # an overlong line: the reader has dropped it
            if not raw:
                return
            line = raw.decode(errors="replace").rstrip()
            if line:
                self._last_lines.append(line)
            self._on_line(line)
