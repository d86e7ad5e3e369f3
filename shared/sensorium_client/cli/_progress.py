"""A progress bar that keeps out of the way of what is printed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class BatchProgress:
    """A bar on standard error, when that is a terminal and there may be more than one input; else nothing."""

    def __init__(self, noun: str, total: int | None) -> None:
        """Make a bar for this many inputs, or for any number; `noun` says in the plural what they are.

        Of any number there may be very many, or one now and then: no bar comes between those that go to a terminal.
        """
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._printing_to_terminal = sys.stdout.isatty()
        shown = total != 1 and sys.stderr.isatty() and not (total is None and self._printing_to_terminal)
        self._shown = shown
        # rich's own redirection of the outputs would wrap long lines of JSON; see aside()
        self._bar = Progress(
            *columns,
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            disable=not shown,
        )
        self._task = self._bar.add_task(noun, total=total)

    def __enter__(self) -> Self:
        """Show it."""
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take it away."""
        self._bar.stop()

    def advance(self) -> None:
        """One more input is done."""
        self._bar.advance(self._task)

    @contextmanager
    def aside(self, *, standard_error: bool) -> Iterator[None]:
        """Take the bar away while something is printed to a terminal; `standard_error` says whether to that, too."""
        if not self._shown or not (standard_error or self._printing_to_terminal):
            yield
            return
        self._bar.stop()
        yield
        self._bar.start()
