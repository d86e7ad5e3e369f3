"""How the service is asked for a text: by a call of its own, or over a stream that carries many."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium_client import AsyncTextClient, Result
from sensorium_client._text.options import TextFeature
from sensorium_client.cli.text._options import LineCommon
from sensorium_client.cli.text._streaming import StreamedTexts

R = TypeVar("R", bound=Result)

Ask: TypeAlias = Callable[[str], Awaitable[R]]
"""Gives the result for a text."""
Asking: TypeAlias = Callable[[AsyncTextClient], AbstractAsyncContextManager[Ask[R]]]
"""For the time of a context, asks by a client."""


@dataclass(frozen=True)
class Method(Generic[R]):
    """What a command asks of the service for each text."""

    call: Callable[[AsyncTextClient, str], Awaitable[R]]
    """A call for one text."""
    features: Sequence[TextFeature] = ()
    """The same as features of a stream, where that has them."""
    of_annotation: Callable[[pb.AnnotateTextResponse], R] | None = None
    """The result of the call, from a stream's response."""
    of_blank: Callable[[str], R] | None = None
    """The result for a line without text, which is not sent; None where such lines are left out."""

    def asking(self, common: LineCommon, language: str = "") -> Asking[R]:
        """Over a stream where there are files, which may be long, and call by call where there are only arguments."""
        if self.of_annotation is None or not common.files():
            return _by_call(self.call)
        return _by_stream(common, self.features, self.of_annotation, language)


def _by_call(call: Callable[[AsyncTextClient, str], Awaitable[R]]) -> Asking[R]:
    @asynccontextmanager
    async def asking(client: AsyncTextClient) -> AsyncIterator[Ask[R]]:
        yield functools.partial(call, client)

    return asking


def _by_stream(
    common: LineCommon, features: Sequence[TextFeature], result: Callable[[pb.AnnotateTextResponse], R], language: str
) -> Asking[R]:
    @asynccontextmanager
    async def asking(client: AsyncTextClient) -> AsyncIterator[Ask[R]]:
        async with StreamedTexts(
            client,
            features,
            language_code=language,
            context=common.context(),
            max_in_flight=common.concurrency,
            deadline=common.deadline,
        ) as texts:

            async def ask(text: str) -> R:
                message: Any = (await texts.annotate(text)).message
                return result(message)

            yield ask

    return asking
