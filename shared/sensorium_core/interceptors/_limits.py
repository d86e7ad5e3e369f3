"""Turns away what is too large or too much before any work is done on it."""

from typing import Any

from sensorium_core.call import current_call
from sensorium_core.interceptors._base import Interceptor, Layer, Request
from sensorium_core.limits import Admission
from sensorium_core.validation import check_size


class LimitsInterceptor(Interceptor):
    """Checks the size of a request, holds it against its caller's quota, and takes it a place in the admission.

    Only the methods of this project's services count: health must answer when everything else is refused. A stream
    takes no place; each of its items does. A request that has not been received yet is only where there is a place.

    Args:
        admission: places for requests.
        max_message_bytes: largest request.
    """

    def __init__(self, admission: Admission, max_message_bytes: int) -> None:
        self._admission = admission
        self._max_message_bytes = max_message_bytes

    async def run(self, request: Request, inner: Layer) -> Any:
        """Runs the call while it holds its place."""
        ours = request.method.startswith("/sensorium.")
        if request.coming is not None:
            if ours:
                self._admission.check()
            await request.receive()
        if not ours:
            return await inner(request)
        if request.message is None:
            current_call().meter = self._admission.meter()
            return await inner(request)
        check_size(request.message, self._max_message_bytes, request.size)
        place = await self._admission.enter(request.size or 0)
        try:
            return await inner(request)
        finally:
            self._admission.leave(place)
