"""Public keys of an identity provider (RFC 7517), from a file or a URL, followed as they are rotated."""

import asyncio
import contextlib
import json
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Protocol

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric import rsa

from sensorium_core.errors import UnauthenticatedError, UnavailableError
from sensorium_core.reload import ConfigurationError, Reloaded
from sensorium_core.security.tls import is_loopback
from sensorium_core.telemetry import Metrics

Keys = dict[str, Any]
"""Public keys by their id; one without an id is under the empty name."""

_MOST_BYTES = 256 * 1024
_MOST_KEYS = 64
_SHORTEST_RSA = 2048
_FETCH_SECONDS = 5.0
_SHORTEST_PAUSE = 10.0
_log = structlog.get_logger("jwks")


class KeySource(Protocol):
    """Keys of one issuer."""

    @property
    def generation(self) -> int:
        """Changes whenever the keys do."""

    async def find(self, key_id: object) -> Any:
        """The public key of that id.

        Raises:
            UnauthenticatedError: TOKEN_KEY_UNKNOWN.
            UnavailableError: TOKEN_KEYS_UNAVAILABLE.
        """

    def running(self) -> contextlib.AbstractAsyncContextManager[None]:
        """Follows the keys for the block."""


def parse(text: bytes) -> Keys:
    """The keys in a JWKS document that can verify signatures; symmetric and weak ones are left out.

    Raises:
        ConfigurationError: it is no such document, or holds no usable key.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list) or len(entries) > _MOST_KEYS:
        raise ConfigurationError(f"no JWKS document with up to {_MOST_KEYS} keys")
    keys = {}
    for entry in entries:
        key = _public_key(entry)
        if key is not None:
            keys[str(entry.get("kid", ""))] = key
    if not keys:
        raise ConfigurationError("no key in it can verify a signature: RSA of 2048 bits or more, EC or Ed25519")
    return keys


def pick(keys: Keys, key_id: object) -> Any:
    """The key of that id; without an id, the only one."""
    if key_id is None:
        return next(iter(keys.values())) if len(keys) == 1 else None
    return keys.get(key_id) if isinstance(key_id, str) else None


class FileKeys:
    """Keys in a file.

    Raises:
        ConfigurationError: the file cannot be used.
    """

    def __init__(self, path: Path, interval: float, metrics: Metrics) -> None:
        self._interval = interval
        self._keys = Reloaded("jwks", [path], lambda: _from_file(path), metrics)

    @property
    def generation(self) -> int:
        """Changes whenever the keys do."""
        return self._keys.generation

    async def find(self, key_id: object) -> Any:
        """As in KeySource."""
        return _found(pick(self._keys.value, key_id))

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """As in KeySource."""
        watching = asyncio.create_task(self._keys.watch(self._interval))
        try:
            yield
        finally:
            watching.cancel()


class UrlKeys:
    """Keys at a URL, fetched now and then, and when a token names one that is not known yet.

    What was fetched last stays in use while the URL does not answer.

    Args:
        url: `https:`; `http:` from this machine only.
        ca: PEM file with the CAs of the server; None for the system's.
        interval: seconds between fetches.
        metrics: counts fetches that failed.
        clock: monotonic seconds.

    Raises:
        ConfigurationError: no such URL, or a CA file that cannot be used.
    """

    def __init__(
        self,
        url: str,
        ca: Path | None,
        interval: float,
        metrics: Metrics,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            raise ConfigurationError(f"{url}: keys that decide who may call are fetched by https only")
        try:
            context = ssl.create_default_context(cafile=ca)
        except OSError as error:
            raise ConfigurationError(f"{ca}: no certificates in PEM form") from error
        self._url = url
        self._opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _NoRedirects())
        self._interval = interval
        self._metrics = metrics
        self._clock = clock
        self._keys: Keys = {}
        self._fetched = float("-inf")
        self._fetching = asyncio.Lock()
        self.generation = 0

    async def find(self, key_id: object) -> Any:
        """As in KeySource; an unknown id leads to a fetch, if the last one is not just over."""
        key = pick(self._keys, key_id)
        if key is None:
            asked = self._clock()
            async with self._fetching:
                # Whoever waited here for the fetch of another has its result.
                if self._fetched < asked and self._clock() - self._fetched >= _SHORTEST_PAUSE:
                    await self._fetch()
            key = pick(self._keys, key_id)
        if not self._keys:
            text = "The keys of the token's issuer cannot be read at the moment."
            raise UnavailableError(text, reason="TOKEN_KEYS_UNAVAILABLE")
        return _found(key)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """As in KeySource."""
        following = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            following.cancel()

    async def _follow(self) -> None:
        while True:
            async with self._fetching:
                await self._fetch()
            await asyncio.sleep(self._interval)

    async def _fetch(self) -> None:
        try:
            keys = parse(await asyncio.to_thread(self._get))
        except (OSError, ConfigurationError) as error:
            self._metrics.reload_failures.labels("jwks").inc()
            self._metrics.reload_failing.labels("jwks").set(1)
            _log.error("keys not fetched; those from before stay in use", url=self._url, problem=_problem(error))
        else:
            self._metrics.reload_failing.labels("jwks").set(0)
            if not _same(keys, self._keys):
                self._keys = keys
                self.generation += 1
                self._metrics.reloads.labels("jwks").inc()
        finally:
            self._fetched = self._clock()

    def _get(self) -> bytes:
        end = time.monotonic() + _FETCH_SECONDS
        text = b""
        with self._opener.open(self._url, timeout=_FETCH_SECONDS) as answer:
            while part := answer.read1(_MOST_BYTES):
                text = _bounded(text + part)
                if time.monotonic() > end:
                    raise ConfigurationError(f"not there within {_FETCH_SECONDS:g} s")
        return text


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """No other place decides who may call."""


def _from_file(path: Path) -> Keys:
    try:
        with path.open("rb") as file:
            return parse(_bounded(file.read(_MOST_BYTES + 1)))
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from error


def _bounded(text: bytes) -> bytes:
    if len(text) > _MOST_BYTES:
        raise ConfigurationError(f"longer than {_MOST_BYTES} bytes")
    return text


def _public_key(entry: Any) -> Any:
    """The key of an entry, or None where it is not for signatures, not asymmetric or too weak."""
    if not isinstance(entry, dict) or entry.get("kty") not in ("RSA", "EC", "OKP") or entry.get("use", "sig") != "sig":
        return None
    if "d" in entry:  # a private key has no business here
        return None
    try:
        key = jwt.PyJWK(entry).key
    except jwt.PyJWTError:
        return None
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _SHORTEST_RSA:
        return None
    return key


def _same(keys: Keys, others: Keys) -> bool:
    return keys.keys() == others.keys() and all(key == others[key_id] for key_id, key in keys.items())


def _found(key: Any) -> Any:
    if key is None:
        raise UnauthenticatedError("The token is signed by a key that is not known.", reason="TOKEN_KEY_UNKNOWN")
    return key


def _problem(error: Exception) -> str:
    return f"HTTP status {error.code}" if isinstance(error, urllib.error.HTTPError) else str(error)
