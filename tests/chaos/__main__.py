"""The fault suite: every fault of the page it writes, done to a real stack under load.

    PYTHONPATH=tests python -m chaos [--write] [SCENE…]

Scenes are those of `chaos.scenes`; all by default. With `--write` the table goes into docs/faults.md, and what it was
made from into build/chaos/faults.json.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from chaos.report import line, write
from chaos.running import Outcome
from chaos.scenes import SCENES

_INSIDE = "SENSORIUM_CHAOS_INSIDE"
_NEEDED = ("unshare", "nsenter", "mount", "setpriv")


def main(arguments: list[str]) -> int:
    """Runs the scenes; 0 only if each fault was survived as it must be."""
    if problem := _obstacle():
        sys.stderr.write(f"chaos: {problem}\n")
        return 2
    if _INSIDE not in os.environ:  # the mounts go with this process, however it ends
        command = ["unshare", "--mount", "--propagation=private", sys.executable, "-m", "chaos", *arguments]
        os.execvpe(command[0], command, os.environ | {_INSIDE: "1"})
    chosen = [each for each in arguments if not each.startswith("-")] or [*SCENES]
    start, outcomes = time.monotonic(), list[Outcome]()
    with tempfile.TemporaryDirectory(prefix="sensorium-chaos-", ignore_cleanup_errors=True) as name:
        for scene in chosen:
            folder = Path(name) / scene
            folder.mkdir()
            sys.stdout.write(f"==> {scene}\n")
            outcomes += SCENES[scene](folder, _show)
    failed = [outcome for outcome in outcomes if outcome.problems]
    if "--write" in arguments:
        write(outcomes, time.monotonic() - start)
    sys.stdout.write(f"{len(outcomes) - len(failed)} faults survived, {len(failed)} not\n")
    return 1 if failed else 0


def _show(outcome: Outcome) -> None:
    sys.stdout.write(f"{line(outcome)}\n")
    for problem in outcome.problems:
        sys.stdout.write(f"    !! {problem}\n")
    sys.stdout.flush()


def _obstacle() -> str | None:
    if os.geteuid() != 0:
        return "faults such as a full disk need mounts of their own: run this as root (sudo make chaos)"
    if missing := [each for each in _NEEDED if shutil.which(each) is None]:
        return f"not installed: {', '.join(missing)} (apt-get install util-linux mount)"
    if not list(Path("/usr/lib").glob("*-linux-gnu/faketime/libfaketimeMT.so.1")):
        return "not installed: libfaketime (apt-get install libfaketime)"
    tried = subprocess.run(["unshare", "--mount", "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        return f"mounts of its own are not allowed here: {tried.stderr.strip()}"
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
