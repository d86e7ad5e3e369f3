"""Checks requests against the rules of the contract, before the servicer sees them."""

from typing import Any

from sensorium_core.errors import malformed_error
from sensorium_core.interceptors._base import Interceptor, Layer, Request
from sensorium_core.validation import validate


class ValidationInterceptor(Interceptor):
    """Refuses a request that breaks a rule. Messages of a request stream are checked by its servicer, one by one."""

    async def run(self, request: Request, inner: Layer) -> Any:
        """Checks the request, then runs the call."""
        if request.malformed is not None:
            raise malformed_error(request.malformed)
        if request.message is not None:
            validate(request.message)
        return await inner(request)
