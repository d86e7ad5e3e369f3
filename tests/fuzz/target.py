"""What is fuzzed, and within which bounds each input must stay."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_MEBIBYTE = 1 << 20
_RESET_PEAK = "5"  # of /proc/self/clear_refs, see proc(5)

Mutate = Callable[[bytes, random.Random], bytes]


class BoundExceededError(AssertionError):
    """An input took more time or memory than any input may."""


@dataclass(frozen=True)
class Target:
    """A way by which hostile bytes come in.

    Attributes:
        run: takes an input in; raises nothing but what it found wrong with the code.
        seeds: inputs to begin with, made anew each time.
        seconds: processor time that one input may take.
        mebibytes: memory that one input may add to the process.
        longest: bytes of an input that the fuzzer makes.
        mutate: changes an input with knowledge of its form; used for half of the inputs.
        few: how many changed inputs a short run takes.
    """

    run: Callable[[bytes], None]
    seeds: Callable[[], Sequence[bytes]]
    seconds: float = 1.0
    mebibytes: float = 64.0
    longest: int = 1 << 16
    mutate: Mutate | None = None
    few: int = 40


@dataclass(frozen=True)
class Cost:
    """What an input took: processor time of the process, and the peak of its memory above where it began."""

    seconds: float
    mebibytes: float


def measured(target: Target, data: bytes) -> Cost:
    """Runs an input and says what it took.

    Raises:
        BoundExceededError: it took too much.
        Exception: what the target found.
    """
    before = _reset_peak()
    began = time.process_time()
    target.run(data)
    cost = Cost(time.process_time() - began, (_status("VmHWM:") - before) / _MEBIBYTE)
    if cost.seconds > target.seconds:
        raise BoundExceededError(f"{cost.seconds:.2f} s of processor time, {target.seconds:g} are allowed")
    if cost.mebibytes > target.mebibytes:
        raise BoundExceededError(f"{cost.mebibytes:.0f} MiB of memory, {target.mebibytes:g} are allowed")
    return cost


def damaged(data: bytes, chance: random.Random) -> bytes:
    """An input with a few bytes changed, cut out, repeated or put in; most of what matters lies at either end."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        size = len(changed)
        at = chance.choice((chance.randrange(size + 1), chance.randrange(min(size, 100) + 1), max(0, size - 50)))
        match chance.randrange(5):
            case 0:
                changed[at : at + 1] = chance.randbytes(1)
            case 1:
                del changed[at : at + chance.choice((1, 4, 50))]
            case 2:
                changed[at:at] = changed[at : at + chance.choice((4, 50))]
            case 3:
                changed[at : at + 4] = chance.choice(_NUMBERS)
            case _:
                changed[at:at] = chance.randbytes(chance.choice((1, 4)))
    return bytes(changed)


_NUMBERS = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\1", b"\1\0\0\0")


def _reset_peak() -> int:
    Path("/proc/self/clear_refs").write_text(_RESET_PEAK)
    return _status("VmRSS:")


def _status(name: str) -> int:
    with Path("/proc/self/status").open() as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024
