"""A development CA makes what a mesh would, and makes it anew only when that is needed."""

from __future__ import annotations

import datetime
import ipaddress
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from sensorium_core.security.development import DevelopmentCA, Leaf

NOW = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.UTC)


def at(days: float) -> datetime.datetime:
    return NOW + datetime.timedelta(days=days)


def load(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_a_leaf_names_its_service_as_a_mesh_would(tmp_path: Path) -> None:
    leaf = load(DevelopmentCA(tmp_path).issue(Leaf("vision", ("vision.plant", "10.0.0.7"))).certificate)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == ["spiffe://sensorium.local/vision"]
    assert names.get_values_for_type(x509.DNSName) == ["vision", "localhost", "vision.plant"]
    assert names.get_values_for_type(x509.IPAddress) == [
        ipaddress.ip_address(text) for text in ("127.0.0.1", "::1", "10.0.0.7")
    ]
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]


def test_keys_are_on_p256_and_for_their_owner_alone(tmp_path: Path) -> None:
    issued = DevelopmentCA(tmp_path / "new").issue(Leaf("vision"))
    key = load(issued.certificate).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()}
    assert modes == {"ca.crt": 0o644, "ca.key": 0o600, "vision.crt": 0o644, "vision.key": 0o600}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_the_ca_signs_leaves_only_and_a_leaf_signs_nothing(tmp_path: Path) -> None:
    ca = DevelopmentCA(tmp_path)
    root, leaf = load(ca.certificate_file), load(ca.issue(Leaf("vision")).certificate)
    leaf.verify_directly_issued_by(root)
    basics = [c.extensions.get_extension_for_class(x509.BasicConstraints).value for c in (root, leaf)]
    assert [(each.ca, each.path_length) for each in basics] == [(True, 0), (False, None)]


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    first = DevelopmentCA(tmp_path, lambda: NOW).issue(Leaf("vision"))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    again = DevelopmentCA(tmp_path, lambda: at(1))
    assert (first.renewed, again.renewed, again.issue(Leaf("vision")).renewed) == (True, False, False)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(("day", "renewed"), [(59, False), (61, True)])
def test_a_leaf_is_renewed_in_the_last_third_of_its_life(tmp_path: Path, day: float, renewed: bool) -> None:
    DevelopmentCA(tmp_path, lambda: NOW).issue(Leaf("vision"))
    issued = DevelopmentCA(tmp_path, lambda: at(day)).issue(Leaf("vision"))
    assert issued.renewed is renewed
    end = load(issued.certificate).not_valid_after_utc
    assert end - at(day if renewed else 0) == datetime.timedelta(days=90, minutes=-5)


def test_other_hosts_a_lost_key_and_another_ca_make_a_leaf_anew(tmp_path: Path) -> None:
    ca = DevelopmentCA(tmp_path)
    issued = ca.issue(Leaf("vision"))
    assert ca.issue(Leaf("vision", ("plant.example",))).renewed
    issued.key.unlink()
    assert ca.issue(Leaf("vision", ("plant.example",))).renewed
    (tmp_path / "ca.key").unlink()
    other = DevelopmentCA(tmp_path)
    assert other.renewed
    assert other.issue(Leaf("vision", ("plant.example",))).renewed


def test_a_ca_that_would_not_outlive_its_leaves_is_replaced(tmp_path: Path) -> None:
    assert DevelopmentCA(tmp_path, lambda: NOW).renewed
    assert not DevelopmentCA(tmp_path, lambda: at(3500)).renewed
    assert DevelopmentCA(tmp_path, lambda: at(3600)).renewed
