"""How a client proves who it is, and whom it believes."""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from sensorium_client._errors import InvalidInputError

_VARIABLES = {
    "ca": "SENSORIUM_CA",
    "certificate": "SENSORIUM_CERTIFICATE",
    "key": "SENSORIUM_KEY",
    "token": "SENSORIUM_TOKEN",
    "token_file": "SENSORIUM_TOKEN_FILE",
    "api_key": "SENSORIUM_API_KEY",
}
_ALLOW_PLAINTEXT = "SENSORIUM_ALLOW_PLAINTEXT"
Metadata = tuple[tuple[str, str], ...]
State = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True)
class Security:
    """TLS, and a proof of identity. The files may be replaced at any time: new calls use what they hold then.

    Attributes:
        ca: PEM file with the CAs of the service's certificate; with it connections speak TLS.
        certificate, key: PEM files with our own certificate and its key, where the service asks for one.
        token: a JSON Web Token that says who we are.
        token_file: file that holds such a token, read anew for each call.
        api_key: an API key that says who we are.
        allow_plaintext: send a token or key without TLS to other machines.
    """

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    token: str = ""
    token_file: Path | None = None
    api_key: str = ""
    allow_plaintext: bool = False

    def __post_init__(self) -> None:
        """Refuse what does not fit together.

        Raises:
            InvalidInputError: half of a pair, or several proofs of identity.
        """
        if (self.certificate is None) != (self.key is None):
            raise InvalidInputError("a certificate and its key belong together; one of them is missing")
        if self.certificate is not None and self.ca is None:
            raise InvalidInputError("a certificate is shown over TLS only: name the CA of the service too")
        if sum(map(bool, (self.token, self.token_file, self.api_key))) > 1:
            raise InvalidInputError("one proof of identity is enough: a token, a file with one, or an API key")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Security:
        """What SENSORIUM_CA, _CERTIFICATE, _KEY, _TOKEN, _TOKEN_FILE, _API_KEY and _ALLOW_PLAINTEXT say.

        Raises:
            InvalidInputError: as above.
        """
        given = {name: environment.get(variable, "") for name, variable in _VARIABLES.items()}
        ca, certificate, key, token_file = (
            Path(given[name]) if given[name] else None for name in ("ca", "certificate", "key", "token_file")
        )
        allow = environment.get(_ALLOW_PLAINTEXT, "").lower() in ("1", "true", "yes")
        return cls(ca, certificate, key, given["token"], token_file, given["api_key"], allow)

    def channel(self, address: str, options: Iterable[tuple[str, Any]] = ()) -> grpc.Channel:
        """A channel to an address, which the caller closes.

        Raises:
            InvalidInputError: a file cannot be read.
        """
        credentials = self.credentials()
        if credentials is None:
            return grpc.insecure_channel(address, tuple(options))
        return grpc.secure_channel(address, credentials, tuple(options))

    def check(self, addresses: tuple[str, ...]) -> None:
        """Refuse to send a proof of identity in plain text over a network.

        Raises:
            InvalidInputError: an address is not on this machine.
        """
        proves = self.token or self.token_file or self.api_key
        elsewhere = [address for address in addresses if not _is_loopback(address)]
        if proves and self.ca is None and elsewhere and not self.allow_plaintext:
            text = "would travel over the network without TLS, for everybody to copy: name the CA of the service"
            raise InvalidInputError(f"the token or key for {elsewhere[0]} {text}, or set {_ALLOW_PLAINTEXT}=true")

    def credentials(self) -> grpc.ChannelCredentials | None:
        """Those of a channel; None for plain text.

        Raises:
            InvalidInputError: a file cannot be read.
        """
        if self.ca is None:
            return None
        return grpc.ssl_channel_credentials(*(_content(path) for path in (self.ca, self.key, self.certificate)))

    def https(self) -> ssl.SSLContext | None:
        """The same for HTTP; None where no CA is named, and with it no TLS.

        Raises:
            InvalidInputError: a file cannot be used.
        """
        if self.ca is None:
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca)
            if self.certificate is not None:
                context.load_cert_chain(self.certificate, self.key)
        except OSError as error:  # ssl.SSLError is one
            text = f"{self.ca}, {self.certificate} or {self.key} cannot be used: {error.strerror}"
            raise InvalidInputError(text) from error
        return context

    def metadata(self) -> Metadata:
        """The metadata of a call that says who calls.

        Raises:
            InvalidInputError: the file of the token cannot be read.
        """
        if self.api_key:
            return (("x-api-key", self.api_key),)
        token = self.token
        if self.token_file is not None:
            token = (_content(self.token_file) or b"").decode("ascii", "replace").strip()
        return (("authorization", f"Bearer {token}"),) if token else ()

    def state(self) -> State:
        """Differs when a file of the connection was replaced."""
        return tuple(_state(path) for path in (self.ca, self.certificate, self.key) if path is not None)


def _content(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInputError(f"{path}: {error.strerror}") from error


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _is_loopback(address: str) -> bool:
    if address.startswith("unix:"):
        return True
    host = address.rpartition(":")[0].strip("[]")
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
