"""The identity in a certificate that a caller has proved to own."""

from collections.abc import Iterable, Mapping

from cryptography import x509
from cryptography.x509.oid import NameOID

from sensorium_core.errors import UnauthenticatedError
from sensorium_core.security.identity import Credential, Identity, IdentityKind, is_name

_SPIFFE = "spiffe://"


def of_connection(auth_context: Mapping[str, Iterable[bytes]]) -> Credential | None:
    """The credential in grpc's authentication context; None without a certificate.

    Raises:
        UnauthenticatedError: CERTIFICATE_IDENTITY, when the certificate names nobody, or several.
    """
    if "x509_pem_cert" not in auth_context:
        return None
    uris = [_text(value) for value in auth_context.get("peer_uri", ())]
    names = [_text(value) for value in auth_context.get("x509_common_name", ())]
    return _credential(uris, names)


def of_der(certificate: bytes) -> Credential:
    """The same for a certificate in DER form.

    Raises:
        UnauthenticatedError: CERTIFICATE_IDENTITY.
    """
    try:
        return _credential(*_names(x509.load_der_x509_certificate(certificate)))
    except _UNREADABLE as error:  # parts are read when they are asked for
        raise _nobody() from error


_UNREADABLE = (ValueError, TypeError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)


def _names(certificate: x509.Certificate) -> tuple[list[str], list[str]]:
    """URIs and common names."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    except x509.ExtensionNotFound:
        uris = []
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return uris, [str(attribute.value) for attribute in common]


def _credential(uris: list[str], common_names: list[str]) -> Credential:
    spiffe = [uri for uri in uris if uri.startswith(_SPIFFE)]
    # A SPIFFE certificate has one URI. A common name must not look like one: who may choose it may not choose the URI.
    if spiffe:
        name = spiffe[0] if len(uris) == 1 else ""
    else:
        name = common_names[0] if common_names and not common_names[0].startswith(_SPIFFE) else ""
    if not is_name(name):
        raise _nobody()
    return Credential(Identity(name, IdentityKind.MTLS), _always_good)


def _nobody() -> UnauthenticatedError:
    text = "The certificate names nobody: it needs one SPIFFE URI, or a common name."
    return UnauthenticatedError(text, reason="CERTIFICATE_IDENTITY")


def _always_good() -> None:
    """A connection keeps the certificate that it was made with; its age is limited."""


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
