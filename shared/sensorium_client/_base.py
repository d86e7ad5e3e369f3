"""What the sync and the async clients of all services have in common."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, TypeVar

import grpc

from sensorium_client._call import Call, Service
from sensorium_client._channel import channel_options, channel_target, split_addresses
from sensorium_client._defaults import DEFAULT_DEADLINE
from sensorium_client._errors import SensoriumError, error_from_rpc
from sensorium_client._retry import Attempts, RetryPolicy
from sensorium_client._security import Metadata, Security

F = TypeVar("F", bound=Callable[..., Any])


class BaseClient:
    """Settings of a client. Making one does no I/O."""

    service: ClassVar[Service]
    """Whom clients of this class call."""

    def __init__(
        self,
        address: str | Sequence[str] | None = None,
        *,
        deadline: float = DEFAULT_DEADLINE,
        retry: RetryPolicy | None = None,
        credentials: grpc.ChannelCredentials | None = None,
        security: Security | None = None,
        metadata: Iterable[tuple[str, str]] = (),
        options: Iterable[tuple[str, Any]] = (),
    ) -> None:
        """Note where and how to call.

        Args:
            address: `host:port`, or several IP addresses (`a:1,b:2` or a list), used in turn; None for the service's
                own port on this machine.
            deadline: seconds that a call may take, retries included, where it says nothing else.
            retry: how failed calls are repeated; None for `RetryPolicy()`.
            credentials: for TLS, instead of those that `security` makes.
            security: certificates and a proof of identity; None for what the environment variables say that
                `Security.from_environment` names, so for plain text where there are none.
            metadata: sent with every call.
            options: gRPC channel options that go before our own.

        Raises:
            InvalidInputError: the address is none, or a proof of identity would travel in plain text.
        """
        self.addresses = split_addresses(self.service.defaults.address if address is None else address)
        self._target = channel_target(self.addresses)
        self._deadline = deadline
        self._retry = retry or RetryPolicy()
        self._credentials = credentials
        self._security = Security.from_environment() if security is None else security
        if credentials is None:
            self._security.check(self.addresses)
        self._own_metadata = tuple(metadata)
        self._options = channel_options(options, max_input=self.service.max_input)

    def _metadata(self) -> Metadata:
        return (*self._own_metadata, *self._security.metadata())

    attempts_factory: Callable[[RetryPolicy, float], Attempts] = staticmethod(Attempts)
    """How the attempts of a call are counted and timed; tests put their own clock in."""

    def _attempts(self, call: Call[Any]) -> Attempts:
        return self.attempts_factory(call.retry or self._retry, self._deadline_of(call))

    def _deadline_of(self, call: Call[Any]) -> float:
        return self._deadline if call.deadline is None else call.deadline

    def _error(self, failure: grpc.RpcError, call: Call[Any]) -> SensoriumError:
        return error_from_rpc(failure, address=", ".join(self.addresses), deadline=self._deadline_of(call))

    def _feed_attempts(self, deadline: float | None) -> Attempts:
        return self.attempts_factory(self._retry, math.inf if deadline is None else deadline)

    def _stream_error(self, failure: grpc.RpcError, deadline: float | None) -> SensoriumError:
        return error_from_rpc(failure, address=", ".join(self.addresses), deadline=deadline)


def as_method(build: Callable[..., Any], *, given: int = 0) -> Callable[[F], F]:
    """Give a method the name, the documentation and the arguments of the function that builds its call.

    Args:
        build: that function.
        given: how many of its first arguments the method itself supplies.
    """

    def decorate(method: F) -> F:
        functools.update_wrapper(method, build)
        signature = inspect.signature(build)
        self_argument = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
        shown = signature.replace(parameters=[self_argument, *[*signature.parameters.values()][given:]])
        shown = shown.replace(return_annotation=inspect.Signature.empty)  # a Call inside, the result outside
        method.__signature__ = shown  # type: ignore[attr-defined]  # inspect documents it, types do not know it
        return method

    return decorate
