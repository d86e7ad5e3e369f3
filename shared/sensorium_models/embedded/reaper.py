"""A process that outlives a killed launcher just long enough to clean up after it.

The kernel kills the server with its launcher (see `command`), but a stub that was answering a request just then would
wait for its server for ever.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sensorium_models.embedded.stubs import clear_leftovers

__all__ = ["reaper"]


@contextmanager
def reaper() -> Iterator[None]:
    """Have the traces of this process's servers removed whenever and however it ends."""
    command = [sys.executable, "-m", __spec__.name]
    # The pipe ends with the launcher; a session of its own keeps a Ctrl-C in the terminal away.
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True):  # noqa: S603 - a fixed command
        yield


if __name__ == "__main__":
    sys.stdin.buffer.read()
    clear_leftovers()
