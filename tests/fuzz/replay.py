"""A short run without a fuzzer: seeds, what was found before, and a few changed inputs; a line of JSON a target.

A process that dies was at the target whose line is missing.
"""

from __future__ import annotations

import json
import logging
import random
import resource
import sys
from pathlib import Path

import structlog

from fuzz.registry import NAMES, load
from fuzz.target import Target, damaged, measured

LIMIT_MEBIBYTES = 3072
_REGRESSIONS = Path(__file__).with_name("regressions")
_SEED = 1_000


def replay(name: str, target: Target) -> dict[str, object]:
    """What came of a target: how many inputs, and the first that was wrong."""
    seeds = target.seeds()
    regressions = [path.read_bytes() for path in sorted((_REGRESSIONS / name).glob("*"))]
    chance = random.Random(_SEED)  # the same inputs each time
    changed = [_changed(chance.choice(seeds), target, chance) for _ in range(target.few)]
    for data in [*seeds, *regressions, *changed]:
        try:
            measured(target, data)
        except Exception as error:  # whatever it is, it is what is looked for
            return {"target": name, "wrong": repr(error), "input": data[:200].hex()}
    return {"target": name, "inputs": len(seeds) + len(regressions) + len(changed), "wrong": ""}


def _changed(data: bytes, target: Target, chance: random.Random) -> bytes:
    if target.mutate is not None and chance.random() < 0.5:
        return target.mutate(data, chance)
    return damaged(data, chance)


def main() -> None:
    """Replays all targets."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_MEBIBYTES << 20, LIMIT_MEBIBYTES << 20))
    for name in NAMES:
        sys.stdout.write(json.dumps(replay(name, load(name))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
