"""What is done to a stack, for how long, and how soon all must be well again."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chaos.calls import Kind, large_picture
from chaos.proxy import FaultProxy
from chaos.stack import PlantStack, go_on, kill, pause
from integration.waiting import until

_CLASSIFIER = "efficientnet_lite0"
_BLOCK = 1 << 20
_RECENT = 2000


@dataclass(frozen=True)
class Bench:
    """A stack, and what it is harmed with.

    Attributes:
        stack: it.
        proxy: between its services and its Triton.
        disk: file system of its logs, databases and audit logs.
        clock: file from which its processes read by how much their clocks are wrong.
    """

    stack: PlantStack
    proxy: FaultProxy | None = None
    disk: Path | None = None
    clock: Path | None = None

    @property
    def network(self) -> FaultProxy:
        """The proxy, where there is one."""
        assert self.proxy is not None
        return self.proxy


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        name: for the table.
        harm: does it.
        bound: seconds within which every kind of call is answered rightly again and health says SERVING, counted from
            the harm or, where the harm is taken back, from then on.
        heal: takes it back; None where the stack has to mend itself.
        lasts: seconds until then.
        unharmed: callers notice nothing at all.
        met: a reason that callers must have met, to show that the harm was one.
        newcomer: a call that is made from the harm on.
    """

    name: str
    harm: Callable[[Bench], None]
    bound: float
    heal: Callable[[Bench], None] | None = None
    lasts: float = 0.0
    unharmed: bool = False
    met: str = ""
    newcomer: Callable[[], Kind] | None = None


def _on_pid(act: Callable[[int], None], find: Callable[[PlantStack], int]) -> Callable[[Bench], None]:
    return lambda bench: act(find(bench.stack))


def _service(name: str) -> Callable[[PlantStack], int]:
    return lambda stack: stack.service_pid(name)


def _model(stack: PlantStack) -> int:
    return stack.model_pid(_CLASSIFIER)


def _resume_all(bench: Bench) -> None:
    for pid in [bench.stack.process.pid, *bench.stack.pids("")]:
        go_on(pid)


def _fill(folder: Path) -> None:
    """Take all the room of a file system."""
    with suppress(OSError), (folder / "filler").open("wb", buffering=0) as file:
        for size in (_BLOCK, 512, 1):  # to the last byte
            with suppress(OSError):
                while file.write(bytes(size)):
                    pass
    os.sync()


def _fill_disk(bench: Bench) -> None:
    assert bench.disk is not None
    _fill(bench.disk)


def _free_disk(bench: Bench) -> None:
    assert bench.disk is not None
    (bench.disk / "filler").unlink()


def _in_namespace(bench: Bench, command: str) -> None:
    enter = ["nsenter", "--mount", f"--target={bench.stack.process.pid}", "sh", "-c", command]
    subprocess.run(enter, check=True, capture_output=True)


def _fill_shared_memory(bench: Bench) -> None:
    _in_namespace(bench, "dd if=/dev/zero of=/dev/shm/filler bs=64k; true")


def _free_shared_memory(bench: Bench) -> None:
    _in_namespace(bench, "rm /dev/shm/filler")


def _set_clock(days: int) -> Callable[[Bench], None]:
    def jump(bench: Bench) -> None:
        assert bench.clock is not None
        bench.clock.write_text(f"{days:+d}d\n")
        today = datetime.now(UTC) + timedelta(days)
        log = bench.stack.build_dir / "logs" / "vision.log"
        until(lambda: f'"timestamp":"{today:%Y-%m-%d}' in log.read_text()[-_RECENT:], 10)
        for pid in (bench.stack.triton_pid(), _model(bench.stack)):
            assert "libfaketime" in Path(f"/proc/{pid}/maps").read_text(), "Triton has the true clock"

    return jump


def _latency(bench: Bench) -> None:
    bench.network.delay = 0.2


KILLED = (
    Fault("kill -9 of the Triton server", _on_pid(kill, PlantStack.triton_pid), 60),
    Fault("kill -9 of Triton's launcher", _on_pid(kill, PlantStack.launcher_pid), 60),
    Fault("kill -9 of a model's process", _on_pid(kill, _model), 30),
    Fault("kill -9 of the vision service", _on_pid(kill, _service("vision")), 45),
    Fault("kill -9 of the speech service", _on_pid(kill, _service("speech")), 45),
    Fault("kill -9 of the text service", _on_pid(kill, _service("text")), 45),
)
PAUSED = (
    Fault("SIGSTOP of the Triton server", _on_pid(pause, PlantStack.triton_pid), 75),
    Fault("SIGSTOP of a model's process", _on_pid(pause, _model), 40),
    Fault("SIGSTOP of a service", _on_pid(pause, _service("text")), 75),
    Fault(
        "SIGSTOP of Triton's launcher, 15 s",
        _on_pid(pause, PlantStack.launcher_pid),
        10,
        _resume_all,
        15,
        unharmed=True,
    ),
    Fault(
        "SIGSTOP of `sensorium up`, 15 s",
        lambda bench: os.kill(bench.stack.process.pid, signal.SIGSTOP),
        10,
        _resume_all,
        15,
        unharmed=True,
    ),
)
DISK = (
    Fault(
        "full disk under logs, databases and audit logs, 20 s",
        _fill_disk,
        15,
        _free_disk,
        20,
        met="PHRASE_SETS_UNAVAILABLE",
    ),
)
NETWORK = (
    Fault(
        "200 ms latency to Triton, each way, 20 s", _latency, 10, lambda bench: bench.network.heal(), 20, unharmed=True
    ),
    Fault("connections to Triton cut and refused, 15 s", lambda b: b.network.cut(), 15, lambda b: b.network.heal(), 15),
    Fault("silence to and from Triton, 8 s", lambda b: b.network.fall_silent(), 20, lambda b: b.network.heal(), 8),
    Fault("silence to and from Triton, 30 s", lambda b: b.network.fall_silent(), 20, lambda b: b.network.heal(), 30),
)
CLOCK = (
    Fault("the clock jumps a day ahead, 15 s", _set_clock(+1), 10, _set_clock(0), 15, unharmed=True),
    Fault("the clock jumps a day back, 15 s", _set_clock(-1), 10, _set_clock(0), 15, unharmed=True),
)
SHARED_MEMORY = (
    Fault(
        "/dev/shm fills up, 20 s",
        _fill_shared_memory,
        30,
        _free_shared_memory,
        20,
        met="SHARED_MEMORY_FULL",
        newcomer=large_picture,
    ),
)
