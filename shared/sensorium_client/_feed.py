"""A server's stream that can be taken up again where it broke: what the sync and the async client both drive."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from sensorium_client._call import Stubs

FeedResult = TypeVar("FeedResult")


class Feed(ABC, Generic[FeedResult]):
    """Results that a server sends on its own, from a given one on."""

    def __init__(self, method: Callable[[Stubs], Any]) -> None:
        """Note the method to call."""
        self.method = method

    @abstractmethod
    def request(self) -> Message:
        """Asks for the results behind the last one that has come."""

    @abstractmethod
    def result(self, response: Any) -> FeedResult:
        """The result of a response, which counts as one that has come."""
