"""`sensorium up`: the settings, the processes, the wait for health and the greeting, put together."""

from __future__ import annotations

import os
from collections.abc import Mapping

from honcho.environ import parse_procfile

from sensorium_client.stack.console import StackConsole
from sensorium_client.stack.logs import LogPrinter
from sensorium_client.stack.manager import StackManager
from sensorium_client.stack.ports import port_problem
from sensorium_client.stack.settings import TRITON, StackSettings
from sensorium_client.stack.state import AlreadyRunningError, RunningStack, claim, find

__all__ = ["run_stack"]


def run_stack(settings: StackSettings, console: StackConsole, *, verbose: bool = False, greet: bool = True) -> int:
    """Run the stack until it is told to stop or something in it fails; return the exit code of the command.

    Args:
        settings: What runs, and where it listens.
        console: Where to say what happens; a failure's reason is the last line.
        verbose: Print every line that the processes write.
        greet: Send a few requests as soon as the stack serves, and show the answers.
    """
    processes = _read_procfile(settings)
    problem = "there is no Procfile here: run this in Sensorium's checkout" if not processes else _obstacle(settings)
    if problem is None:
        stack = describe(settings)
        try:
            with claim(settings.run_dir, stack):
                return _run(settings, stack, processes, console, verbose=verbose, greet=greet)
        except AlreadyRunningError as error:
            problem = f"{error}; `sensorium down` stops it"
        except OSError as error:  # a folder that belongs to somebody else, a full disk
            problem = str(error)
    console.end(f"sensorium: {problem}", "red")
    return 1


def describe(settings: StackSettings) -> RunningStack:
    """This process as a running stack."""
    return RunningStack(
        pid=os.getpid(),
        logs=str(settings.log_dir),
        triton=settings.triton.address,
        services={service.name: service.address for service in settings.services},
        metrics={service.name: service.metrics_url for service in settings.services},
    )


def _read_procfile(settings: StackSettings) -> Mapping[str, str]:
    if not settings.procfile.is_file():
        return {}
    processes: Mapping[str, str] = parse_procfile(settings.procfile.read_text()).processes
    return processes


def _obstacle(settings: StackSettings) -> str | None:
    problem = port_problem(settings.listeners())
    if problem is not None and (running := find(settings.run_dir)) is not None:
        return f"{problem}. A stack runs here already (process {running.pid}); `sensorium down` stops it"
    return problem


def _run(
    settings: StackSettings,
    stack: RunningStack,
    processes: Mapping[str, str],
    console: StackConsole,
    *,
    verbose: bool,
    greet: bool,
) -> int:
    printer = LogPrinter(settings.log_dir, processes, console.say, verbose=verbose)
    manager = StackManager(printer, last={TRITON}, say=console.say)
    environment = settings.child_environment()
    for name, command in processes.items():
        manager.add_process(name, command, env=environment)
    console.say(f"starting {', '.join(processes)}; logs in {settings.log_dir}")
    manager.run_beside(lambda: _look_after_start(settings, stack, manager, console, greet=greet))
    manager.loop()
    printer.close()
    return _conclude(manager, printer, console)


def _look_after_start(
    settings: StackSettings, stack: RunningStack, manager: StackManager, console: StackConsole, *, greet: bool
) -> None:
    from sensorium_client.stack import health, liveness  # noqa: PLC0415 - gRPC is wanted only after the forks

    def report(statuses: Mapping[str, str], elapsed: float) -> None:
        missing = [f"{name}: {status}" for name, status in statuses.items() if status != health.SERVING]
        if missing:
            console.progress(f"waiting for {', '.join(missing)}", elapsed)
        else:
            console.progress_done()
            console.say(f"{', '.join(statuses)} serving after {elapsed:.1f} s", "green")

    statuses = health.wait_until_serving(
        settings.endpoints(), timeout=settings.start_timeout, given_up=manager.stopping, report=report
    )
    console.progress_done()
    if manager.stopping.is_set():
        return
    missing = [f"{name} is {status}" for name, status in statuses.items() if status != health.SERVING]
    if missing:
        logs = ", ".join(str(settings.log_dir / f"{name}.log") for name in (TRITON, *statuses))
        manager.stop(f"{', '.join(missing)} after {settings.start_timeout:.0f} s; see {logs}")
        return
    manager.keep_up()
    _welcome(stack, console, greet=greet)

    def end_silent(name: str) -> None:
        console.say(f"{name} has not answered for {settings.silence_limit:g} s and is killed", "yellow")
        manager.kill_process(name)

    liveness.watch(settings.endpoints(), patience=settings.silence_limit, ended=manager.stopping, on_silence=end_silent)


def _welcome(stack: RunningStack, console: StackConsole, *, greet: bool) -> None:
    from sensorium_client.stack import greeting  # noqa: PLC0415 - as above

    for name, address in stack.services.items() if greet else ():
        console.progress("sending the first requests")
        try:
            console.show(greeting.answers(name, address))
        except Exception as error:  # the stack serves, whatever is wrong with the pictures
            console.say(f"no greeting from {name}: {error}", "yellow")
        console.progress_done()
    console.show(greeting.endpoints(stack))
    console.say(f"Ctrl-C stops everything. Next, in another terminal: {greeting.hints(stack)}")


def _conclude(manager: StackManager, printer: LogPrinter, console: StackConsole) -> int:
    if manager.first_stopped is not None:
        words = printer.last_words(manager.first_stopped.name)
        reason = f"{manager.first_stopped}{f': {words}' if words else ''}"
    elif manager.reason is not None:
        reason = manager.reason
    else:
        console.end("sensorium: stopped")
        return 0
    console.end(f"sensorium: {reason}", "red")
    return 1
