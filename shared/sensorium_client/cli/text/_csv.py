"""Redacts or restores one column of a CSV file, row by row, and leaves everything else as it is."""

from __future__ import annotations

import csv
import dataclasses
import functools
import io
import itertools
import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import ExitStack, aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

import typer

from sensorium_client import AsyncTextClient, InvalidInputError, RedactResult, RestoreResult
from sensorium_client._errors import ErrorDetails
from sensorium_client.cli._batch import Batch, Input, Outcome
from sensorium_client.cli._run import OK, SOME_FAILED, GiveUpError, errors, run_emitting
from sensorium_client.cli._show import show_error
from sensorium_client.cli._threads import in_thread
from sensorium_client.cli.text._asking import Ask, Asking
from sensorium_client.cli.text._lines import MAX_LINE_BYTES, file_name, opened, split_lines, unreadable

_DELIMITERS = (",", ";", "\t", "|")
_BOM = "\ufeff"

ColumnAsking: TypeAlias = Asking[RedactResult] | Asking[RestoreResult]


@dataclass(frozen=True)
class Column:
    """Which column of which file, and where the file goes then."""

    file: str
    """Or `-`."""
    name: str
    delimiter: str | None = None
    """None: the one that finds the column in the header."""
    out: Path | None = None
    """None for standard output."""
    refused: str | None = None
    """What takes the place of a cell that the service refuses; None leaves it as it is."""


@dataclass(frozen=True)
class Row:
    """A row of the file."""

    name: str
    cells: list[str]
    is_header: bool = False
    error: InvalidInputError | None = None
    """Why the service refused the cell."""

    def with_cell(self, place: int, text: str) -> Row:
        """The row with another text in a place."""
        return dataclasses.replace(self, cells=[*self.cells[:place], text, *self.cells[place + 1 :]])


class Table:
    """A CSV file as its lines come (RFC 4180, with any line ends and delimiter).

    Bytes that are not UTF-8 become lone surrogates, and those bytes again when written.
    """

    def __init__(self, lines: Iterator[bytes | None], column: Column) -> None:
        """Read the header.

        Raises:
            InvalidInputError: it has no such column, or several.
        """
        csv.field_size_limit(MAX_LINE_BYTES)
        self._name = file_name(column.file)
        self._lines = map(self._text, lines)
        header = self._header_lines()
        bare = [line.removeprefix(_BOM) if place == 0 else line for place, line in enumerate(header)]
        self._before = _BOM if bare != header else ""
        self._end = "\r\n" if header and header[-1].endswith("\r\n") else "\n"
        self._delimiter = column.delimiter or _delimiter(bare, column.name)
        self._reader = csv.reader(itertools.chain(bare, self._lines), delimiter=self._delimiter)
        self._names = next(self._reader, [])
        if self._names.count(column.name) != 1:
            raise InvalidInputError(f"{self._name} has {_found(column.name, self._names)}")
        self.place = self._names.index(column.name)
        """Of the column, from 0."""

    def rows(self) -> Iterator[Row]:
        """The rows, the header first.

        Raises:
            GiveUpError: the file is no CSV from here on, or cannot be read further.
        """
        yield Row(self._name, self._names, is_header=True)
        for number in itertools.count(2):
            name = f"{self._name} row {number}"
            try:
                yield Row(name, next(self._reader))
            except StopIteration:
                return
            except csv.Error as failure:
                raise GiveUpError(name, InvalidInputError(f"is no CSV: {failure}")) from None
            except OSError as failure:
                raise GiveUpError(name, unreadable(self._name, failure)) from failure

    def has_text(self, row: Row) -> bool:
        """Whether the row's cell is to be sent."""
        return not row.is_header and self.place < len(row.cells) and bool(row.cells[self.place].strip())

    def encoded(self, row: Row) -> bytes:
        """The bytes of a row."""
        buffer = io.StringIO(newline="")
        # Python 3.11 quotes of the two characters of line ends only those that the writer itself uses.
        csv.writer(buffer, delimiter=self._delimiter, lineterminator="\r\n").writerow(row.cells)
        text = buffer.getvalue().removesuffix("\r\n") + self._end
        return (self._before + text if row.is_header else text).encode("utf-8", "surrogateescape")

    def _header_lines(self) -> list[str]:
        """The first record, which may be of several lines where a name is quoted."""
        lines: list[str] = []
        for line in self._lines:
            lines.append(line)
            if sum(part.count('"') for part in lines) % 2 == 0:
                break
        return lines

    def _text(self, line: bytes | None) -> str:
        if line is None:
            raise csv.Error(f"a line is longer than {MAX_LINE_BYTES // 2**20} MiB")
        return line.decode("utf-8", "surrogateescape")


def run_column(address: str, column: Column, asking: ColumnAsking, *, concurrency: int) -> int:
    """Send the cells of a column and write the file anew; gives the exit code.

    Cells without text are not sent. A cell that the service refuses is named, and the command fails in the end; when
    anything else fails no file is written.

    Raises:
        typer.BadParameter: the file cannot be read, has no such column, or cannot be written.
    """
    with ExitStack() as stack:
        table = _table(stack, column)
        target = stack.enter_context(_target(column.out))
        writing = _Writing(table, target)
        outcomes = _Cells(table, column, asking, concurrency).outcomes
        code = run_emitting(address, AsyncTextClient, outcomes, writing.emit, noun="rows", total=None)
        target.keep = code == OK
    return SOME_FAILED if code == OK and writing.failed else code


def _table(stack: ExitStack, column: Column) -> Table:
    try:
        return Table(split_lines(stack.enter_context(opened(column.file))), column)
    except (InvalidInputError, csv.Error) as failure:
        raise typer.BadParameter(str(failure), param_hint="--column") from failure
    except OSError as failure:
        raise typer.BadParameter(unreadable(column.file, failure).message, param_hint="--file") from failure


class _Cells:
    """Sends the cells of a column."""

    def __init__(self, table: Table, column: Column, asking: ColumnAsking, concurrency: int) -> None:
        self._table = table
        self._refused = column.refused
        self._asking = asking
        self._concurrency = concurrency

    async def outcomes(
        self, client: AsyncTextClient, advance: Callable[[], None]
    ) -> AsyncGenerator[Outcome[Row], None]:
        async with self._asking(client) as ask:

            async def answer(_: AsyncTextClient, row: Row) -> Row:
                return await self._answer(ask, row)

            batch = Batch(self._inputs(), answer, concurrency=self._concurrency)
            async with aclosing(batch.outcomes(client, advance)) as found:
                async for outcome in found:
                    yield outcome

    async def _inputs(self) -> AsyncGenerator[Input[Row, Row], None]:
        async with aclosing(in_thread(self._table.rows())) as rows:
            async for row in rows:
                yield Input(row.name, functools.partial(_given, row), sent=self._table.has_text(row))

    async def _answer(self, ask: Ask[RedactResult] | Ask[RestoreResult], row: Row) -> Row:
        if not self._table.has_text(row):
            return row
        place = self._table.place
        try:
            return row.with_cell(place, (await ask(row.cells[place])).text)
        except InvalidInputError as error:
            kept = row if self._refused is None else row.with_cell(place, self._refused)
            return dataclasses.replace(kept, error=error)


class _Writing:
    """Writes rows as they are answered."""

    def __init__(self, table: Table, target: _Target) -> None:
        self._table = table
        self._target = target
        self.failed = False

    def emit(self, outcome: Outcome[Row]) -> None:
        if outcome.error is not None:
            raise GiveUpError(outcome.name, outcome.error)
        assert outcome.result is not None
        if outcome.result.error is not None:
            self.failed = True
            show_error(errors(), outcome.name, outcome.result.error)
        self._target.write(self._table.encoded(outcome.result))


async def _given(row: Row) -> Row:
    return row


class _Target:
    """Where the rows go: standard output, or a file that takes its name when all went well."""

    def __init__(self, file: BinaryIO, out: Path | None) -> None:
        self._file = file
        self._out = out
        self.keep = False

    def write(self, data: bytes) -> None:
        try:
            self._file.write(data)
        except OSError as failure:
            if self._out is None:
                raise
            raise GiveUpError(str(self._out), _unwritable(self._out, failure)) from failure


@contextmanager
def _target(out: Path | None) -> Iterator[_Target]:
    if out is None:
        sys.stdout.flush()
        yield _Target(sys.stdout.buffer, None)
        sys.stdout.buffer.flush()
        return
    part = out.with_name(f"{out.name}.part")
    try:
        file = part.open("wb")
    except OSError as failure:
        raise typer.BadParameter(_unwritable(out, failure).message, param_hint="--out") from failure
    try:
        with file:
            target = _Target(file, out)
            yield target
        if target.keep:
            part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def _unwritable(out: Path, failure: OSError) -> InvalidInputError:
    details = ErrorDetails(reason="FILE_UNWRITABLE", metadata={"path": str(out)})
    return InvalidInputError(f"cannot write {out}: {failure.strerror}", details=details)


def _delimiter(header: list[str], name: str) -> str:
    """The one that finds the column in the header; of several the one that finds most columns."""

    def columns(delimiter: str) -> list[str]:
        return next(csv.reader(header, delimiter=delimiter), [])

    return max(_DELIMITERS, key=lambda delimiter: (name in columns(delimiter), len(columns(delimiter))))


def _found(name: str, names: list[str]) -> str:
    how = f"no column {name!r}" if name not in names else f"several columns {name!r}"
    return f"{how}; its columns are {', '.join(names) or 'none'}"
