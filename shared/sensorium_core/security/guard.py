"""Identities and rights of a service's callers, put together from its settings."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from sensorium_core.errors import PermissionDeniedError, SensoriumError
from sensorium_core.reload import ConfigurationError, Reloaded
from sensorium_core.security import policy
from sensorium_core.security.access import Access
from sensorium_core.security.authenticator import API_KEY, AUTHORIZATION, Authenticator, Metadata
from sensorium_core.security.jwks import FileKeys, KeySource, UrlKeys
from sensorium_core.security.keys import KeyVerifier
from sensorium_core.security.settings import SecuritySettings
from sensorium_core.security.tokens import TokenVerifier
from sensorium_core.telemetry import Metrics
from sensorium_core.telemetry.endpoint import PEER_CERTIFICATE, Environment

METRICS_METHOD = "metrics"
"""What policies call the reading of the metrics."""

HEALTH_CHECK = "/grpc.health.v1.Health/Check"
_LONGEST_PROOF = 15.0


class Guard:
    """What stands before a service's methods and metrics once identities are configured.

    Attributes:
        authenticator: takes the proof of a caller's identity.

    Raises:
        ConfigurationError: a file cannot be used.
    """

    def __init__(self, settings: SecuritySettings, metrics: Metrics) -> None:
        assert settings.policy is not None
        path, self._interval = settings.policy, settings.reload_interval
        self._policy = Reloaded("policy", [path], lambda: policy.read(path), metrics)
        self._token_keys = _token_keys(settings, metrics)
        self._api_keys = KeyVerifier(settings.api_keys, metrics) if settings.api_keys else None
        tokens = TokenVerifier(self._token_keys, settings.token_rules) if self._token_keys else None
        certificates = settings.tls_client_ca is not None
        self.authenticator = Authenticator(tokens, self._api_keys, certificates=certificates)
        self.open_methods = frozenset({HEALTH_CHECK} if settings.health_open else ())
        self._loop: asyncio.AbstractEventLoop | None = None

    def policy(self) -> policy.Policy:
        """The policy of this moment."""
        return self._policy.value

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follows files and keys for the block."""
        self._loop = asyncio.get_running_loop()
        followed: list[Reloaded[Any]] = [self._policy]
        if self._api_keys is not None:
            followed.append(self._api_keys.records)
        async with AsyncExitStack() as stack:
            if self._token_keys is not None:
                await stack.enter_async_context(self._token_keys.running())
            for each in followed:
                stack.callback(asyncio.create_task(each.watch(self._interval)).cancel)
            yield

    async def check_entrance(self, method: str, metadata: Metadata) -> None:
        """Refuses a call before its request has come, where its metadata is enough to tell.

        Raises:
            SensoriumError: nobody has proved who calls.
        """
        if method not in self.open_methods:
            await self.authenticator.check_metadata(metadata)

    def check_scrape(self, environment: Environment) -> HTTPStatus:
        """Whether an HTTP request may read the metrics; runs in the thread of its connection."""
        assert self._loop is not None
        names = ((AUTHORIZATION, "HTTP_AUTHORIZATION"), (API_KEY, "HTTP_X_API_KEY"))
        headers = [(key, environment[name]) for key, name in names if name in environment]
        proof = self.authenticator.of_request(headers, environment[PEER_CERTIFICATE])
        try:
            credential = asyncio.run_coroutine_threadsafe(proof, self._loop).result(_LONGEST_PROOF)
            Access(credential, self.policy, METRICS_METHOD).check()
        except PermissionDeniedError:
            return HTTPStatus.FORBIDDEN
        except SensoriumError:
            return HTTPStatus.UNAUTHORIZED
        except FutureTimeoutError:
            return HTTPStatus.SERVICE_UNAVAILABLE
        return HTTPStatus.OK


def guard(settings: SecuritySettings, metrics: Metrics) -> Guard | None:
    """The guard that the settings ask for; None where nobody has to say who calls.

    Raises:
        ConfigurationError: a file cannot be used.
    """
    return Guard(settings, metrics) if settings.identity_source else None


def _token_keys(settings: SecuritySettings, metrics: Metrics) -> KeySource | None:
    place = settings.jwt_jwks
    if not place:
        return None
    if place.startswith(("https:", "http:")):
        return UrlKeys(place, settings.jwt_ca, settings.jwt_refresh, metrics)
    if settings.jwt_ca is not None:
        raise ConfigurationError(f"{settings.variable('jwt_ca')} means nothing for the file {place}")
    return FileKeys(Path(place), settings.reload_interval, metrics)
