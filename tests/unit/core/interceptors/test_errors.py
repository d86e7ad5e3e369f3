"""What a call raises, told to its caller or, where there is none any more, to nobody."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import grpc
import pytest

from sensorium_core.errors import OverloadedError
from sensorium_core.interceptors import ErrorsInterceptor
from sensorium_core.interceptors._base import Request


class Context:
    """Ends calls as grpc's own context does it: for a caller who is there, or for one who has gone."""

    def __init__(self, outcome: Exception) -> None:
        self.outcome = outcome
        self.told: tuple[Any, ...] = ()

    async def abort(self, *told: Any) -> None:
        self.told = told
        raise self.outcome


async def fail(_: Request) -> Any:
    raise OverloadedError("full")


def request(context: Context) -> Request:
    return Request("/test.Service/Method", "unary", b"", cast("Any", context))


async def test_a_caller_is_told_the_status() -> None:
    context = Context(grpc.aio.AbortError())
    with pytest.raises(grpc.aio.AbortError):
        await ErrorsInterceptor().run(request(context), fail)
    assert context.told[:2] == (grpc.StatusCode.RESOURCE_EXHAUSTED, "full")


async def test_a_caller_who_has_gone_meanwhile_is_no_defect() -> None:
    with pytest.raises(asyncio.CancelledError):
        await ErrorsInterceptor().run(request(Context(grpc.aio.InternalError())), fail)
