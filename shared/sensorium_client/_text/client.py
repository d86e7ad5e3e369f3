"""The clients of the text service."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable
from typing import ClassVar

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium.text.v1 import text_service_pb2_grpc
from sensorium_client import _aio, _sync
from sensorium_client._call import Service
from sensorium_client._context import RequestContext
from sensorium_client._defaults import TEXT
from sensorium_client._text import calls
from sensorium_client._text.options import ALL_TEXT_FEATURES, TextFeature
from sensorium_client._text.results import TextItemResult
from sensorium_client._text.stream import AnyText, TextSession

_SERVICE = Service(TEXT, text_service_pb2_grpc.TextServiceStub, pb.ListModelsRequest)


class TextClient(_sync.SyncClient):
    """Calls the text service and waits for the answers. Threads may share a client.

        with TextClient("127.0.0.1:50053") as client:
            print(client.classify("bucket won't open").classifications[0].labels[0].name)

    Offsets in results count code points, so that Python's slices fit: `text[span.begin : span.end] == span.text`.
    The arguments of the constructor are those of `BaseClient`.
    """

    service: ClassVar[Service] = _SERVICE

    embed = _sync.method(calls.embed)
    rank = _sync.method(calls.rank)
    classify = _sync.method(calls.classify)
    extract_entities = _sync.method(calls.extract_entities)
    redact = _sync.method(calls.redact)
    restore = _sync.method(calls.restore)
    summarize = _sync.method(calls.summarize)
    detect_language = _sync.method(calls.detect_language)
    annotate = _sync.method(calls.annotate)
    explain = _sync.method(calls.explain)

    def annotate_stream(
        self,
        texts: Iterable[AnyText],
        features: Iterable[TextFeature] = ALL_TEXT_FEATURES,
        *,
        language_code: str = "",
        context: RequestContext | None = None,
        max_in_flight: int = 0,
        deadline: float | None = None,
    ) -> Generator[TextItemResult, None, None]:
        """Annotate text after text; see `StreamSession` for texts that fail.

        `texts` is read in a thread of its own, as fast as the service takes texts. Leaving the loop early cancels the
        stream.

        Args:
            texts: strings, or `TextItem`s where a text has a name or identifiers.
            features: the options of each feature wanted.
            language_code: BCP 47 code of the texts' language; empty to have it detected text by text.
            context: identifiers of every text whose own leave them empty.
            max_in_flight: how many texts the service works on at once, up to 256; 0 for its default, 64.
            deadline: seconds for the whole stream; None for no end.

        Yields:
            One result a text, in the order of the texts.

        Raises:
            SensoriumError: the stream as a whole failed. There are no retries.
        """
        session = TextSession(features, language_code=language_code, context=context, max_in_flight=max_in_flight)
        return self._stream(session, texts, deadline)


class AsyncTextClient(_aio.AsyncClient):
    """Calls the text service from asyncio; for use in one event loop.

        async with AsyncTextClient("127.0.0.1:50053") as client:
            print((await client.classify("bucket won't open")).classifications[0].labels[0].name)

    Offsets in results count code points, so that Python's slices fit: `text[span.begin : span.end] == span.text`.
    The arguments of the constructor are those of `BaseClient`.
    """

    service: ClassVar[Service] = _SERVICE

    embed = _aio.method(calls.embed)
    rank = _aio.method(calls.rank)
    classify = _aio.method(calls.classify)
    extract_entities = _aio.method(calls.extract_entities)
    redact = _aio.method(calls.redact)
    restore = _aio.method(calls.restore)
    summarize = _aio.method(calls.summarize)
    detect_language = _aio.method(calls.detect_language)
    annotate = _aio.method(calls.annotate)
    explain = _aio.method(calls.explain)

    def annotate_stream(
        self,
        texts: Iterable[AnyText] | AsyncIterable[AnyText],
        features: Iterable[TextFeature] = ALL_TEXT_FEATURES,
        *,
        language_code: str = "",
        context: RequestContext | None = None,
        max_in_flight: int = 0,
        deadline: float | None = None,
    ) -> AsyncGenerator[TextItemResult, None]:
        """Annotate text after text; see `StreamSession` for texts that fail.

        `texts` is read as fast as the service takes texts. Closing the iterator (`contextlib.aclosing`) cancels the
        stream.

        Args:
            texts: strings, or `TextItem`s where a text has a name or identifiers.
            features: the options of each feature wanted.
            language_code: BCP 47 code of the texts' language; empty to have it detected text by text.
            context: identifiers of every text whose own leave them empty.
            max_in_flight: how many texts the service works on at once, up to 256; 0 for its default, 64.
            deadline: seconds for the whole stream; None for no end.

        Yields:
            One result a text, in the order of the texts.

        Raises:
            SensoriumError: the stream as a whole failed. There are no retries.
        """
        session = TextSession(features, language_code=language_code, context=context, max_in_flight=max_in_flight)
        return self._stream(session, texts, deadline)
