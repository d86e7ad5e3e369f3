"""Finds out what really ended a stream of grpc.aio."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

import grpc.aio

T = TypeVar("T")

_FAILED_WRITE = "Internal error from Core"


class StreamEnding:
    """The status that the server ended a stream with.

    When the server ends a stream while a frame is being sent, grpc.aio puts an INTERNAL error of its own, about the
    failed write, in place of the server's status (grpcio 1.85). So this notes the status at the moment when it is set.
    """

    def __init__(self, call: Any) -> None:
        """Watch a `grpc.aio.StreamStreamCall` that was just made."""
        self._call = call
        self._first: grpc.aio.AioRpcError | None = None
        call.add_done_callback(self._note)

    def cause_of(self, failure: grpc.aio.AioRpcError) -> grpc.aio.AioRpcError:
        """The server's failure behind the one that was raised, or that one if there is no other."""
        hidden = failure.details() == _FAILED_WRITE
        return self._first if hidden and self._first is not None else failure

    def _note(self, _: Any) -> None:
        self._first = self._status()

    def _status(self) -> grpc.aio.AioRpcError:
        call = self._call
        code, details = _at_once(call.code()), _at_once(call.details())
        return grpc.aio.AioRpcError(
            code, _at_once(call.initial_metadata()), _at_once(call.trailing_metadata()), details
        )


def _at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that has nothing to wait for, as those of an ended call."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    coroutine.close()
    raise RuntimeError("the call has not ended")
