"""A CA and certificates for development: each service, Triton and a caller get what a mesh would issue them."""

import datetime
import ipaddress
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

TRUST_DOMAIN = "sensorium.local"
_CA_LIFE = datetime.timedelta(days=3650)
_LEAF_LIFE = datetime.timedelta(days=90)
# A certificate is renewed in the last third of its life, as certificate managers do.
_RENEWED_BEFORE = _LEAF_LIFE / 3
# Clocks of a plant's machines differ.
_CLOCK_SLACK = datetime.timedelta(minutes=5)


@dataclass(frozen=True)
class Leaf:
    """A certificate to make.

    Attributes:
        name: its common name, the name of its files, and the path of its SPIFFE identity.
        hosts: DNS names and IP addresses that it is valid for, beside its own name and this machine's own addresses.
    """

    name: str
    hosts: tuple[str, ...] = ()

    @property
    def spiffe_id(self) -> str:
        """Its identity as a mesh would name it."""
        return f"spiffe://{TRUST_DOMAIN}/{self.name}"


@dataclass(frozen=True)
class Issued:
    """Files of one certificate, PEM.

    Attributes:
        certificate, key: the certificate and its private key, which only the owner can read.
        renewed: whether they were made just now.
    """

    certificate: Path
    key: Path
    renewed: bool


class DevelopmentCA:
    """A CA in a folder; made there, or used again where it lies already.

    Args:
        folder: where `ca.crt`, `ca.key` and the certificates lie; made with access for its owner only.
        now: the time, for tests.
    """

    def __init__(
        self, folder: Path, now: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC)
    ):
        self.folder = folder
        self._now = now
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.certificate_file = folder / "ca.crt"
        key_file = folder / "ca.key"
        try:
            self._certificate = x509.load_pem_x509_certificate(self.certificate_file.read_bytes())
            self._key = _load(key_file)
            usable = self._lasts(self._certificate, _LEAF_LIFE)
        except (FileNotFoundError, ValueError):
            usable = False
        self.renewed = not usable
        if not usable:
            self._key = ec.generate_private_key(ec.SECP256R1())
            self._certificate = self._root()
            _write(key_file, _pem(self._key), secret=True)
            _write(self.certificate_file, self._certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, leaf: Leaf) -> Issued:
        """The leaf's certificate; one that is there is kept while it has a third of its life and fits what is asked."""
        files = self.folder / f"{leaf.name}.crt", self.folder / f"{leaf.name}.key"
        if self._fits(leaf, *files):
            return Issued(*files, renewed=False)
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._leaf(leaf, key)
        # The key first: who reads in between finds a pair that does not fit, and looks again.
        _write(files[1], _pem(key), secret=True)
        _write(files[0], certificate.public_bytes(serialization.Encoding.PEM))
        return Issued(*files, renewed=True)

    def _fits(self, leaf: Leaf, certificate_file: Path, key_file: Path) -> bool:
        try:
            certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
            key = _load(key_file)
            certificate.verify_directly_issued_by(self._certificate)
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (FileNotFoundError, ValueError, TypeError, x509.ExtensionNotFound, InvalidSignature):
            return False
        same = key.public_key() == certificate.public_key() and list(names) == list(_names(leaf))
        return same and self._lasts(certificate, _RENEWED_BEFORE)

    def _lasts(self, certificate: x509.Certificate, at_least: datetime.timedelta) -> bool:
        return certificate.not_valid_after_utc - self._now() > at_least

    def _root(self) -> x509.Certificate:
        name = _subject("Sensorium development CA")
        usage = _usage(key_cert_sign=True, crl_sign=True)
        return (
            self._builder(name, name, self._key.public_key(), _CA_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def _leaf(self, leaf: Leaf, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
        both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            self._builder(_subject(leaf.name), self._certificate.subject, key.public_key(), _LEAF_LIFE)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(both, critical=False)
            .add_extension(_names(leaf), critical=False)
            .add_extension(authority, critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def _builder(
        self, subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, life: datetime.timedelta
    ) -> x509.CertificateBuilder:
        start = self._now() - _CLOCK_SLACK
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + life)
        )


def _names(leaf: Leaf) -> x509.SubjectAlternativeName:
    hosts = dict.fromkeys((leaf.name, "localhost", "127.0.0.1", "::1", *leaf.hosts))
    return x509.SubjectAlternativeName(
        [x509.UniformResourceIdentifier(leaf.spiffe_id), *(_general_name(host) for host in hosts)]
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(**given: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: given.get(name, False) for name in names})


def _load(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path} is not an EC key")  # noqa: TRY004 - for whoever reads it, the file is wrong
    return key


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, *, secret: bool = False) -> None:
    """Replaces a file in one step; a secret is at no moment readable for others."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o644)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
