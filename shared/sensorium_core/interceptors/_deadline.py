"""Gives each call a deadline: the caller's, or one of the server's own, so that nothing runs for ever."""

import time
from typing import Any

from sensorium_core.call import current_call
from sensorium_core.deadlines import Deadline
from sensorium_core.interceptors._base import Interceptor, Layer, Request


class DeadlineInterceptor(Interceptor):
    """Ends a call whose deadline has passed.

    Args:
        longest: seconds that a unary call may take at most, whatever its caller allows. Streams have only the
            deadline of their caller; their items have deadlines of their own.
    """

    def __init__(self, longest: float) -> None:
        self._longest = longest

    async def run(self, request: Request, inner: Layer) -> Any:
        """Runs the call within its deadline."""
        call = current_call()
        # None without a deadline, whatever the stubs say.
        allowed: float | None = request.context.time_remaining()
        if request.kind == "unary":
            allowed = self._longest if allowed is None else min(allowed, self._longest)
        if allowed is None:
            return await inner(request)
        call.deadline = time.monotonic() + allowed
        with Deadline(call.deadline):
            return await inner(request)
