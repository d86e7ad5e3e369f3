"""Finds out who calls, and turns away who may not."""

from collections.abc import Callable
from typing import Any

from sensorium_core.call import current_call
from sensorium_core.interceptors._base import Interceptor, Layer, Request
from sensorium_core.security.access import Access
from sensorium_core.security.authenticator import Authenticator
from sensorium_core.security.policy import Policy


class IdentityInterceptor(Interceptor):
    """Asks every caller for a proof of its identity, and the policy whether it may call the method.

    The models that a call uses are checked where they are picked, by `Call.check_model`; a stream is checked anew with
    each of its messages.

    Args:
        authenticator: takes the proof.
        policy: gives the policy of this moment.
        open_methods: methods that everybody may call, such as `/grpc.health.v1.Health/Check`.
    """

    def __init__(
        self, authenticator: Authenticator, policy: Callable[[], Policy], open_methods: frozenset[str]
    ) -> None:
        self._authenticator = authenticator
        self._policy = policy
        self._open = open_methods

    async def run(self, request: Request, inner: Layer) -> Any:
        """Proves the caller's identity and right, then runs the call."""
        if request.method not in self._open:
            context = request.context
            credential = await self._authenticator.of_call(request.metadata, context.auth_context)
            current_call().access = access = Access(credential, self._policy, request.method)
            access.check()
        return await inner(request)
