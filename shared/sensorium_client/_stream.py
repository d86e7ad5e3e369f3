"""The order of a bidirectional stream: a sans-io object that the sync and the async client both drive."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from google.protobuf.message import Message
from google.rpc import status_pb2

from sensorium_client._call import Stubs
from sensorium_client._errors import InternalError, SensoriumError, error_from_status


class StreamResponse(Protocol):
    """What the responses of every stream have."""

    @property
    def status(self) -> status_pb2.Status:
        """Whether the item succeeded, and if not, why."""


Item = TypeVar("Item")
Request = TypeVar("Request", bound=Message)
Answer = TypeVar("Answer")
Response = TypeVar("Response", bound=StreamResponse)
ItemResult = TypeVar("ItemResult")


class StreamOrder(ABC, Generic[Item, Request, Answer, ItemResult]):
    """What a client needs to drive a bidirectional stream: its requests, and what its responses say.

    A stream begins with its configuration and goes on with items.
    """

    def __init__(self, method: Callable[[Stubs], Any], first_request: Request) -> None:
        """Note the method to call and the configuration to send first."""
        self.method = method
        self.first_request = first_request
        self.source_error: BaseException | None = None
        """What the caller's own iterator of items raised."""

    @abstractmethod
    def request_for(self, item: Item) -> Request | None:
        """The request for the next item, or None when there is nothing to send."""

    @abstractmethod
    def results_for(self, response: Answer) -> Iterator[ItemResult]:
        """The results that are due with a response."""

    @abstractmethod
    def last_results(self) -> Iterator[ItemResult]:
        """The results that are due when the stream has ended well.

        Raises:
            BaseException: what the caller's own iterator of items raised.
        """


class StreamSession(StreamOrder[Item, Request, Response, ItemResult]):
    """Makes the requests of one stream and puts its results into the order of the items.

    Each item gets one response, in their order. An item that cannot even be sent (its file is missing, say) fails like
    one that the server refuses: its result comes when those of the items before it have come. A subclass says what an
    item, its request and its result are.
    """

    noun: ClassVar[str] = "item"
    """What an item is called in errors."""

    def __init__(self, method: Callable[[Stubs], Any], first_request: Request) -> None:
        """Note the method to call and the configuration to send first."""
        super().__init__(method, first_request)
        # One entry an item in flight: the item's id, or the error of an item that was not sent. The client may make
        # requests in one thread and read results in another: appending and taking from the left are atomic.
        self._pending: deque[tuple[str, SensoriumError | None]] = deque()
        self._sequence = 0

    @abstractmethod
    def _id(self, item: Item) -> str:
        """The caller's name for an item; may be empty."""

    @abstractmethod
    def _request(self, item: Item) -> Request:
        """The request that carries an item; a SensoriumError if it cannot be sent."""

    @abstractmethod
    def _answered(self, sequence: int, response: Response, error: SensoriumError | None) -> ItemResult:
        """The result of an item that was sent; with an error, the response has nothing else."""

    @abstractmethod
    def _not_sent(self, sequence: int, item_id: str, error: SensoriumError) -> ItemResult:
        """The result of an item that could not be sent."""

    def request_for(self, item: Item) -> Request | None:
        """The request for the next item, or None when it failed here and there is nothing to send."""
        item_id = self._id(item)
        try:
            request = self._request(item)
        except SensoriumError as error:
            self._pending.append((item_id, error))
            return None
        self._pending.append((item_id, None))
        return request

    def results_for(self, response: Response) -> Iterator[ItemResult]:
        """The results that are due with a response: those of failed items before it, and its own."""
        yield from self._failures()
        if not self._pending:
            raise InternalError(f"the service answered {self.noun} {self._sequence}, which was not sent")
        self._pending.popleft()
        error = error_from_status(response.status) if response.status.code else None
        yield self._answered(self._next(), response, error)

    def last_results(self) -> Iterator[ItemResult]:
        """The results that are due when the stream has ended well.

        Raises:
            InternalError: some items were not answered.
            BaseException: what the caller's own iterator of items raised.
        """
        yield from self._failures()
        if self.source_error is not None:
            raise self.source_error
        if self._pending:
            raise InternalError(f"the stream ended with {len(self._pending)} {self.noun}s not answered")

    def _failures(self) -> Iterator[ItemResult]:
        while self._pending and self._pending[0][1] is not None:
            item_id, error = self._pending.popleft()
            assert error is not None
            yield self._not_sent(self._next(), item_id, error)

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence - 1
