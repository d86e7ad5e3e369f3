"""Certificates of listeners and of connections: read from files, checked, and followed when they are rotated."""

import datetime
import ipaddress
import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from sensorium_core.reload import ConfigurationError, Reloaded
from sensorium_core.telemetry import Metrics

_log = structlog.get_logger("tls")
_LOOPBACK_NAMES = ("localhost", "ip6-localhost")


@dataclass(frozen=True)
class TlsFiles:
    """Where the parts of one end of a TLS connection lie, as PEM.

    Attributes:
        certificate: our certificate, followed by those between it and its CA; None for a client that shows none.
        key: its private key.
        ca: certificates of the CAs whose peers we accept; None to ask for no client certificate.
    """

    certificate: Path | None = None
    key: Path | None = None
    ca: Path | None = None

    @property
    def all(self) -> tuple[Path, ...]:
        """The files that are set."""
        return tuple(path for path in (self.certificate, self.key, self.ca) if path is not None)


@dataclass(frozen=True)
class TlsMaterial:
    """What the files hold, read at one time and fitting together.

    Attributes:
        certificate, key, ca: PEM; None where no file is set.
        not_after: when the certificate or a CA expires first; None where there is neither.
    """

    certificate: bytes | None
    key: bytes | None
    ca: bytes | None
    not_after: datetime.datetime | None

    @classmethod
    def read(cls, files: TlsFiles) -> "TlsMaterial":
        """Reads the files.

        Raises:
            ConfigurationError: a file is missing or no PEM, the key is not the certificate's, or the certificate has
                expired.
        """
        certificate, key, ca = (_bytes(path) for path in (files.certificate, files.key, files.ca))
        ends = []
        if certificate is not None:
            chain = _certificates(certificate, files.certificate)
            _check_key(key, chain[0], files)
            ends.append(_end(chain[0], files.certificate))
        if ca is not None:
            ends.append(max(_end(one, files.ca) for one in _certificates(ca, files.ca)))
        return cls(certificate, key, ca, min(ends, default=None))


def follow(what: str, files: TlsFiles, metrics: Metrics) -> Reloaded[TlsMaterial]:
    """The files' material, which follows them when they are rotated.

    Raises:
        ConfigurationError: they cannot be used as they are now.
    """

    def load() -> TlsMaterial:
        material = TlsMaterial.read(files)
        if material.not_after is not None:
            metrics.certificate_end.labels(what).set(material.not_after.timestamp())
        return material

    if files.key is not None and files.key.exists() and files.key.stat().st_mode & 0o007:
        _log.warning("every user of this machine can read the private key", file=str(files.key))
    return Reloaded(what, files.all, load, metrics)


def server_credentials(source: Reloaded[TlsMaterial]) -> grpc.ServerCredentials:
    """Credentials of a listener whose every handshake uses the newest certificate.

    Callers must show a certificate of theirs where a CA is set.
    Connections that exist keep what they were made with.
    """
    served = source.generation
    first = _server_configuration(source.value)

    def fetch() -> Any:
        nonlocal served
        generation, material = source.generation, source.value
        if generation == served:
            return None  # keep what is in use
        served = generation
        return _server_configuration(material)

    return grpc.dynamic_ssl_server_credentials(first, fetch, require_client_authentication=source.value.ca is not None)


def channel_credentials(material: TlsMaterial) -> grpc.ChannelCredentials:
    """Credentials of a client that trusts the material's CA, else the system's, and shows its certificate if any."""
    return grpc.ssl_channel_credentials(material.ca, material.key, material.certificate)


def http_context(files: TlsFiles) -> ssl.SSLContext:
    """The same for an HTTP listener, from the files as they are now.

    Raises:
        OSError: they cannot be used; ssl.SSLError is one.
    """
    assert files.certificate is not None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(files.certificate, files.key)
    if files.ca is not None:
        context.load_verify_locations(files.ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def is_loopback(address: str) -> bool:
    """Whether `host:port`, `host` or a gRPC target is reached from this machine only."""
    if address.startswith("unix:"):
        return True
    host = address.rpartition(":")[0] if address.count(":") == 1 or "]:" in address else address
    host = host.strip("[]")
    if host in _LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _server_configuration(material: TlsMaterial) -> grpc.ServerCertificateConfiguration:
    assert material.key is not None
    assert material.certificate is not None
    pairs = [(material.key, material.certificate)]
    return grpc.ssl_server_certificate_configuration(pairs, root_certificates=material.ca)


def _bytes(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path}: {os.strerror(error.errno or 0)}") from error


def _certificates(pem: bytes, path: Path | None) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise ConfigurationError(f"{path}: no certificate in PEM form") from error


def _check_key(pem: bytes | None, leaf: x509.Certificate, files: TlsFiles) -> None:
    try:
        key = serialization.load_pem_private_key(pem or b"", password=None)
    except (ValueError, TypeError) as error:  # the latter for one with a password
        raise ConfigurationError(f"{files.key}: no private key in PEM form without a password") from error
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    if key.public_key().public_bytes(*form) != leaf.public_key().public_bytes(*form):
        raise ConfigurationError(f"{files.key} is not the key of {files.certificate}")


def _end(certificate: x509.Certificate, path: Path | None) -> datetime.datetime:
    end = certificate.not_valid_after_utc
    if end <= datetime.datetime.now(datetime.UTC):
        raise ConfigurationError(f"{path}: expired on {end:%Y-%m-%d %H:%M} UTC")
    return end
