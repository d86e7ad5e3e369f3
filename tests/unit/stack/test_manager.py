"""The processes of the stack start, stop and fail together. The real Honcho runs small programs here."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from unit.stack.standins import command, is_alive, pid_in, run_manager, server, wait_for


def test_one_that_dies_stops_the_rest_and_the_last_line_says_why(tmp_path: Path) -> None:
    dying = command("import sys; sys.stderr.write('ValueError: no such model\\n'); sys.exit(3)")
    manager = run_manager(tmp_path, {"triton": server(tmp_path / "triton.pid"), "vision": dying})
    output, _ = manager.communicate(timeout=15)
    assert manager.returncode == 1
    assert output.splitlines()[-1] == "vision stopped with exit code 3: ValueError: no such model"
    if (tmp_path / "triton.pid").exists():
        assert not is_alive(pid_in(tmp_path / "triton.pid"))


def test_one_that_is_kept_up_is_given_up_when_that_does_not_help(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    dying = command(f"open({str(starts)!r}, 'a').write('x')")
    manager = run_manager(tmp_path, {"triton": server(tmp_path / "triton.pid"), "vision": dying}, keep_up=True)
    output, _ = manager.communicate(timeout=30)
    assert manager.returncode == 1
    assert starts.read_text() == "x" * 6
    assert output.count("vision stopped with exit code 0; starting it again") == 5
    last = "vision stopped with exit code 0: 5 restarts within 60 s did not help, giving up"
    assert output.splitlines()[-1] == last
    assert not is_alive(pid_in(tmp_path / "triton.pid"))


def test_one_that_is_started_again_hears_signals_as_before(tmp_path: Path) -> None:
    file = tmp_path / "vision.pid"
    manager = run_manager(tmp_path, {"vision": server(file)}, keep_up=True)
    first = pid_in(file)
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: pid_in(file) != first)
    start = time.monotonic()
    manager.terminate()
    manager.communicate(timeout=10)
    assert time.monotonic() - start < 3  # it was told, not killed
    assert manager.returncode == 0
    assert not is_alive(pid_in(file))


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_all(tmp_path: Path, signum: int) -> None:
    files = {name: tmp_path / f"{name}.pid" for name in ("triton", "vision", "text")}
    manager = run_manager(tmp_path, {name: server(file) for name, file in files.items()})
    pids = [pid_in(file) for file in files.values()]
    manager.send_signal(signum)
    manager.communicate(timeout=10)
    assert manager.returncode == 0
    assert not [pid for pid in pids if is_alive(pid)]


def test_triton_is_told_only_when_the_services_have_gone(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    note = f"open({str(journal)!r}, 'a').write('%s\\n')"
    slow = f"time.sleep(0.5); {note % 'vision ended'}; raise SystemExit(0)"
    processes = {
        "triton": server(tmp_path / "triton.pid", at_term=f"{note % 'triton told'}; raise SystemExit(0)"),
        "vision": server(tmp_path / "vision.pid", at_term=slow),
    }
    manager = run_manager(tmp_path, processes)
    for name in processes:
        pid_in(tmp_path / f"{name}.pid")
    manager.terminate()
    manager.communicate(timeout=10)
    assert journal.read_text().splitlines() == ["vision ended", "triton told"]


def test_one_that_ignores_the_request_is_killed_in_time(tmp_path: Path) -> None:
    manager = run_manager(
        tmp_path, {"vision": server(tmp_path / "vision.pid", at_term="pass")}, first_seconds=0.5, all_seconds=1.0
    )
    pid = pid_in(tmp_path / "vision.pid")
    start = time.monotonic()
    manager.terminate()
    output, _ = manager.communicate(timeout=10)
    assert time.monotonic() - start < 4
    assert "vision did not stop in time and is killed" in output
    assert not is_alive(pid)


def test_children_of_a_killed_process_go_too(tmp_path: Path) -> None:
    child = server(tmp_path / "child.pid")
    launcher = command(
        f"import os, subprocess; p = subprocess.Popen({child!r}, shell=True);"
        f"open({str(tmp_path / 'launcher.pid')!r}, 'w').write(str(os.getpid())); p.wait()"
    )
    manager = run_manager(tmp_path, {"triton": launcher})
    grandchild = pid_in(tmp_path / "child.pid")
    os.kill(pid_in(tmp_path / "launcher.pid"), signal.SIGKILL)
    output, _ = manager.communicate(timeout=15)
    assert output.splitlines()[-1].startswith("triton was ended by signal SIGKILL")
    assert not is_alive(grandchild)


@pytest.mark.parametrize("at_term", ["raise SystemExit(0)", "print('x' * 1_000_000, flush=True); raise SystemExit(0)"])
def test_nothing_outlives_a_manager_that_is_killed(tmp_path: Path, at_term: str) -> None:
    files = {name: tmp_path / f"{name}.pid" for name in ("triton", "vision")}
    manager = run_manager(tmp_path, {name: server(file, at_term=at_term) for name, file in files.items()})
    pids = [pid_in(file) for file in files.values()]
    wrappers = [int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) for pid in pids]
    manager.kill()
    manager.wait()
    wait_for(lambda: not [pid for pid in (*pids, *wrappers) if is_alive(pid)])
    manager.communicate()


def test_a_wrapper_that_is_killed_counts_as_its_process(tmp_path: Path) -> None:
    files = {name: tmp_path / f"{name}.pid" for name in ("triton", "vision")}
    manager = run_manager(tmp_path, {name: server(file) for name, file in files.items()})
    pids = {name: pid_in(file) for name, file in files.items()}
    wrapper = int(Path(f"/proc/{pids['vision']}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(wrapper, signal.SIGKILL)
    output, _ = manager.communicate(timeout=15)
    assert "vision was ended by signal SIGKILL" in output
    assert not [pid for pid in pids.values() if is_alive(pid)]
