"""The stacks that are harmed: how each is set up, and with which faults."""

from __future__ import annotations

import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from chaos.faults import CLOCK, DISK, KILLED, NETWORK, PAUSED, SHARED_MEMORY, Bench
from chaos.proxy import running_proxy
from chaos.running import Outcome, audit_problems, run_faults
from chaos.stack import SERVICES, StartFailedError, plant_stack
from sensorium_client.stack.ports import free_ports

_DISK_SIZE = "48m"
_SHM_SIZE = "64m"
_TINY_SHM_SIZE = "4m"
_LIBFAKETIME = "*-linux-gnu/faketime/libfaketimeMT.so.1"

Report = Callable[[Outcome], None]
Scene = Callable[[Path, Report], list[Outcome]]


def processes(folder: Path, report: Report) -> list[Outcome]:
    """Killed and paused processes, and a full disk."""
    with _small_disk(folder / "disk") as disk:
        settings = _audited(disk)
        with plant_stack(folder, settings, build_dir=disk / "build") as stack:
            outcomes = run_faults(Bench(stack, disk=disk), (*KILLED, *PAUSED, *DISK), report)
        _add_audit_problems(outcomes, disk)
    return outcomes


def network(folder: Path, report: Report) -> list[Outcome]:
    """A network between services and Triton that fails."""
    (folder / "audit").mkdir()
    triton_port, proxy_port = free_ports(2)
    addresses = {f"SENSORIUM_{service.upper()}_TRITON_ADDRESS": f"127.0.0.1:{proxy_port}" for service in SERVICES}
    settings = {**_audited(folder), **addresses, "SENSORIUM_TRITON_GRPC_PORT": str(triton_port)}
    with (
        running_proxy(proxy_port, f"127.0.0.1:{triton_port}") as proxy,
        plant_stack(folder, settings) as stack,
    ):
        outcomes = run_faults(Bench(stack, proxy=proxy), NETWORK, report)
    _add_audit_problems(outcomes, folder)
    return outcomes


def clock(folder: Path, report: Report) -> list[Outcome]:
    """A clock that jumps, for every process of the stack."""
    offset = folder / "offset"
    offset.write_text("+0d\n")
    fake = {
        "LD_PRELOAD": _libfaketime(),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    with plant_stack(folder, {**_audited(folder), **_for_triton(folder, fake), **fake}) as stack:
        outcomes = run_faults(Bench(stack, clock=offset), CLOCK, report)
    _add_audit_problems(outcomes, folder)
    return outcomes


def shared_memory(folder: Path, report: Report) -> list[Outcome]:
    """A /dev/shm that is small, and fills up."""
    with plant_stack(folder, _audited(folder), _with_shared_memory(_SHM_SIZE)) as stack:
        outcomes = run_faults(Bench(stack), SHARED_MEMORY, report)
    _add_audit_problems(outcomes, folder)
    return outcomes


def tiny_shared_memory(folder: Path, report: Report) -> list[Outcome]:
    """A /dev/shm that is too small for the models: the start fails and says why."""
    outcome = Outcome(f"/dev/shm of {_TINY_SHM_SIZE}iB at the start")
    try:
        with plant_stack(folder, {}, _with_shared_memory(_TINY_SHM_SIZE)):
            outcome.problems.append("it served all the same")
    except StartFailedError as error:
        outcome.words = str(error)
        if "/dev/shm" not in str(error):
            outcome.problems.append(f"the last line does not say why: {error}")
    report(outcome)
    return [outcome]


SCENES: Mapping[str, Scene] = {
    "processes": processes,
    "network": network,
    "clock": clock,
    "shared-memory": shared_memory,
    "tiny-shared-memory": tiny_shared_memory,
}


def _audited(folder: Path) -> dict[str, str]:
    return {f"SENSORIUM_{service.upper()}_AUDIT_DIR": str(folder / "audit") for service in SERVICES}


def _add_audit_problems(outcomes: list[Outcome], folder: Path) -> None:
    if outcomes:
        outcomes[-1].problems += audit_problems(folder / "audit")


def _with_shared_memory(size: str) -> tuple[str, ...]:
    mount = f'mount -t tmpfs -o size={size} tmpfs /dev/shm && exec "$@"'
    return ("unshare", "--mount", "sh", "-c", mount, "sh")


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK_SIZE}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def _libfaketime() -> str:
    return str(next(Path("/usr/lib").glob(_LIBFAKETIME)))


def _for_triton(folder: Path, fake: Mapping[str, str]) -> dict[str, str]:
    """A `setpriv` that hands the false clock on: Triton's environment is made anew by its launcher."""
    real = shutil.which("setpriv")
    assert real is not None
    script = folder / "bin" / "setpriv"
    script.parent.mkdir()
    variables = " ".join(f"{name}={value}" for name, value in fake.items())
    script.write_text(f'#!/bin/sh\nexec env {variables} {real} "$@"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return {"PATH": f"{script.parent}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}
