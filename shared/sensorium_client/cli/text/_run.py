"""Sends the texts of a command."""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Generic

from sensorium_client import AsyncTextClient, InvalidInputError, MessageTooLargeError, RankResult, SummarizeResult
from sensorium_client._errors import ErrorDetails
from sensorium_client._files import MAX_INPUT_BYTES
from sensorium_client.cli._batch import Batch, Input, Outcome
from sensorium_client.cli._run import Show, run_outcomes
from sensorium_client.cli._threads import in_thread
from sensorium_client.cli.text._asking import Ask, Method, R
from sensorium_client.cli.text._lines import Line, argument_lines, decoded, file_name, opened, unreadable
from sensorium_client.cli.text._options import DocumentCommon, LineCommon, TextCommon

MOST_DOCUMENTS = 512
"""How many the service ranks at once."""
_CHUNK_BYTES = 64 * 2**10


@dataclass(frozen=True)
class Answer(Generic[R]):
    """A text and what the service says of it."""

    line: Line
    result: R

    def to_json(self) -> str:
        """The response in protobuf's JSON mapping, on one line."""
        return self.result.to_json()


@dataclass(frozen=True)
class DocumentsAnswer(Generic[R]):
    """Documents and what the service says of them together."""

    documents: list[Line]
    result: R

    def to_json(self) -> str:
        """The response in protobuf's JSON mapping, on one line."""
        return self.result.to_json()


def run_lines(common: LineCommon, method: Method[R], show: Show[Answer[R]], *, language: str = "") -> int:
    """Send each text of a command and print what comes back, line by line; gives the exit code."""
    asking = method.asking(common, language)
    files = bool(common.files())

    async def outcomes(
        client: AsyncTextClient, advance: Callable[[], None]
    ) -> AsyncGenerator[Outcome[Answer[R]], None]:
        async with asking(client) as ask:

            async def answer(_: AsyncTextClient, line: Line) -> Answer[R]:
                return Answer(line, await _result(line, ask, method))

            inputs: AsyncGenerator[Input[Line, Answer[R]], None] = _inputs(common, blank=method.of_blank is not None)
            batch = Batch(inputs, answer, concurrency=common.concurrency)
            async with aclosing(batch.outcomes(client, advance)) as found:
                async for outcome in found:
                    yield outcome

    total = None if files else len(common.given())
    return run_outcomes(common, AsyncTextClient, outcomes, show, noun="texts", total=total)


def run_ranking(
    common: DocumentCommon,
    ask: Callable[[AsyncTextClient, list[str]], Awaitable[RankResult]],
    show: Show[DocumentsAnswer[RankResult]],
) -> int:
    """Rank all documents of a command, the lines of its files among them; gives the exit code."""
    common.files()  # wrong usage is told before anything is read

    async def read() -> list[Line]:
        found = []
        async with aclosing(in_thread(common.lines())) as lines:
            async for line in lines:
                if line.error is not None:
                    raise InvalidInputError(f"{line.name}: {line.error.message}", details=_details(line))
                if line.from_file and line.blank:
                    continue
                found.append(line)
                if len(found) > MOST_DOCUMENTS:
                    raise InvalidInputError(f"more than {MOST_DOCUMENTS} documents; rank so many at most at once")
        return found

    return _run_documents(common, read, ask, show)


def run_summary(
    common: TextCommon,
    ask: Callable[[AsyncTextClient, list[str]], Awaitable[SummarizeResult]],
    show: Show[DocumentsAnswer[SummarizeResult]],
) -> int:
    """Summarize all documents of a command, each file one of them; gives the exit code."""
    files = common.files()

    async def read() -> list[Line]:
        return argument_lines(common.given()) + [await _whole(file) for file in files]

    return _run_documents(common, read, ask, show)


def _run_documents(
    common: TextCommon,
    read: Callable[[], Awaitable[list[Line]]],
    ask: Callable[[AsyncTextClient, list[str]], Awaitable[R]],
    show: Show[DocumentsAnswer[R]],
) -> int:
    async def answer(client: AsyncTextClient, documents: list[Line]) -> DocumentsAnswer[R]:
        return DocumentsAnswer(documents, await ask(client, [document.text for document in documents]))

    async def outcomes(
        client: AsyncTextClient, advance: Callable[[], None]
    ) -> AsyncGenerator[Outcome[DocumentsAnswer[R]], None]:
        # Unnamed: errors name the field or the line that they are about.
        batch = Batch([Input("", read)], answer, concurrency=1)
        async with aclosing(batch.outcomes(client, advance)) as found:
            async for outcome in found:
                yield outcome

    return run_outcomes(common, AsyncTextClient, outcomes, show, noun="documents", total=1)


async def _inputs(common: LineCommon, *, blank: bool) -> AsyncGenerator[Input[Line, Answer[R]], None]:
    async with aclosing(in_thread(common.lines())) as lines:
        async for line in lines:
            is_blank = line.from_file and line.blank
            if blank or not is_blank:
                yield Input(line.name, functools.partial(_read, line), sent=not is_blank)


async def _read(line: Line) -> Line:
    if line.error is not None:
        raise line.error
    return line


async def _result(line: Line, ask: Ask[R], method: Method[R]) -> R:
    if method.of_blank is not None and line.from_file and line.blank:
        return method.of_blank(line.text)
    return await ask(line.text)


async def _whole(file: str) -> Line:
    """A file as one document.

    Raises:
        InvalidInputError: it cannot be read, or is not UTF-8.
        MessageTooLargeError: it has more than a request carries.
    """
    name, parts, size = file_name(file), [], 0
    try:
        with opened(file) as chunk:
            async with aclosing(in_thread(iter(functools.partial(chunk, _CHUNK_BYTES), b""))) as chunks:
                async for part in chunks:
                    parts.append(part or b"")
                    size += len(parts[-1])
                    if size > MAX_INPUT_BYTES:
                        text = f"{name} has more than {MAX_INPUT_BYTES // 2**20} MiB"
                        raise MessageTooLargeError(text, details=ErrorDetails(reason="MESSAGE_TOO_LARGE"))
    except OSError as failure:
        raise unreadable(name, failure) from failure
    return Line(name, decoded(name, b"".join(parts)).removeprefix("\ufeff"))


def _details(line: Line) -> ErrorDetails:
    assert line.error is not None
    return ErrorDetails(reason=line.error.reason, violations=line.error.violations)
