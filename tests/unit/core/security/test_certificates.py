"""Whom a certificate names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sensorium_core.errors import UnauthenticatedError
from sensorium_core.security.certificates import of_connection, of_der
from sensorium_core.security.development import DevelopmentCA, Issued


def connection(*uris: str, common_name: str = "cell-7") -> Mapping[str, list[bytes]]:
    """What grpc says of a connection."""
    parts: dict[str, list[bytes]] = {"x509_pem_cert": [b"..."], "transport_security_type": [b"ssl"]}
    if uris:
        parts["peer_uri"] = [uri.encode() for uri in uris]
    if common_name:
        parts["x509_common_name"] = [common_name.encode()]
    return parts


def test_a_spiffe_id_goes_before_the_common_name() -> None:
    credential = of_connection(connection("spiffe://plant/cell-7"))
    assert credential is not None
    assert str(credential.identity) == "mtls:spiffe://plant/cell-7"
    credential.check()


def test_without_one_the_common_name_serves() -> None:
    for uris in ((), ("https://plant.example",)):
        credential = of_connection(connection(*uris))
        assert credential is not None
        assert str(credential.identity) == "mtls:cell-7"


@pytest.mark.parametrize(
    "given",
    [
        connection("spiffe://plant/a", "spiffe://plant/b"),
        connection("spiffe://plant/a", "https://plant.example"),
        connection(common_name=""),
        connection(common_name="spiffe://plant/admin"),
        connection(common_name="line\nbreak"),
        connection("spiffe://plant/" + "x" * 250),
    ],
    ids=["two ids", "id and URI", "no name", "name like an id", "line break", "too long"],
)
def test_a_certificate_that_names_nobody_for_sure_is_refused(given: Mapping[str, Any]) -> None:
    with pytest.raises(UnauthenticatedError) as caught:
        of_connection(given)
    assert caught.value.reason == "CERTIFICATE_IDENTITY"


def test_a_connection_without_certificate_proves_nothing() -> None:
    assert of_connection({}) is None
    assert of_connection({"transport_security_type": [b"ssl"]}) is None


def test_the_certificate_itself_says_the_same(client_files: Issued, ca: DevelopmentCA) -> None:
    def der(path: Path) -> bytes:
        return x509.load_pem_x509_certificate(path.read_bytes()).public_bytes(Encoding.DER)

    assert str(of_der(der(client_files.certificate)).identity) == "mtls:spiffe://sensorium.local/cell-7"
    assert str(of_der(der(ca.certificate_file)).identity) == "mtls:Sensorium development CA"


@pytest.mark.parametrize("text", [b"", b"0\x80", b"\xff" * 100])
def test_what_is_no_certificate_names_nobody(text: bytes) -> None:
    with pytest.raises(UnauthenticatedError) as caught:
        of_der(text)
    assert caught.value.reason == "CERTIFICATE_IDENTITY"
