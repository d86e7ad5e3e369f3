"""A stack for a while, on free ports, beside whatever else runs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sensorium_client.stack.health import SERVING, wait_until_serving
from sensorium_client.stack.ports import free_ports
from sensorium_client.stack.settings import Endpoint, StackSettings

__all__ = ["TemporaryStackError", "spare_environment", "temporary_stack"]

_COMMAND = (sys.executable, "-c", "from sensorium_client.cli import main; main()", "up", "--no-greeting")
_STOP_SECONDS = 15.0


class TemporaryStackError(RuntimeError):
    """The temporary stack did not come up; the text is its own last line."""


@contextmanager
def temporary_stack(
    settings: StackSettings, report: Callable[[Mapping[str, str], float], None]
) -> Iterator[dict[str, str]]:
    """Run a stack for the duration of the context.

    Its logs stay in `temporary-stack` in the build folder.

    Args:
        settings: What the stack consists of; its ports are not used.
        report: Gets the status of each service and the seconds waited, again and again until all serve.

    Yields:
        The gRPC address of each service, by its name.

    Raises:
        TemporaryStackError: It did not come up.
    """
    folder = settings.build_dir / "temporary-stack"
    folder.mkdir(parents=True, exist_ok=True)
    environment = spare_environment(settings, folder)
    addresses = {service.name: environment[f"{service.prefix}LISTEN"] for service in settings.services}
    output = folder / "output"
    with output.open("w") as file:
        stack = subprocess.Popen(_COMMAND, env=environment, stdout=file, stderr=subprocess.STDOUT)  # noqa: S603 - our own command line
    try:
        if not _wait(stack, settings.endpoints(addresses), settings.start_timeout, report):
            raise TemporaryStackError(output.read_text().strip().rpartition("\n")[2])
        yield addresses
    finally:
        stack.terminate()
        stack.wait(_STOP_SECONDS)


def spare_environment(settings: StackSettings, build_dir: Path) -> dict[str, str]:
    """This environment, but every port of the stack a free one and its logs and state in `build_dir`."""
    ports = iter(free_ports(2 + 2 * len(settings.services)))
    environment = dict(os.environ)
    environment["SENSORIUM_STACK_BUILD_DIR"] = str(build_dir)
    environment["SENSORIUM_TRITON_HOST"] = "127.0.0.1"
    environment["SENSORIUM_TRITON_GRPC_PORT"] = str(next(ports))
    environment["SENSORIUM_TRITON_METRICS_PORT"] = str(next(ports))
    for service in settings.services:
        environment.pop(f"{service.prefix}TRITON_ADDRESS", None)  # the stack points it at its own Triton
        environment[f"{service.prefix}LISTEN"] = f"127.0.0.1:{next(ports)}"
        environment[f"{service.prefix}METRICS_PORT"] = str(next(ports))
    return environment


def _wait(
    stack: subprocess.Popen[bytes],
    endpoints: Sequence[Endpoint],
    timeout: float,
    report: Callable[[Mapping[str, str], float], None],
) -> bool:
    ended = threading.Event()

    def watch() -> None:
        stack.wait()
        ended.set()

    threading.Thread(target=watch, daemon=True).start()
    statuses = wait_until_serving(endpoints, timeout=timeout, given_up=ended, report=report)
    return all(status == SERVING for status in statuses.values())
