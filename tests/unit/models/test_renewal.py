"""Triton's certificate: when another lies in its place."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from sensorium_core.reload import ConfigurationError
from sensorium_core.security.development import DevelopmentCA, Leaf
from sensorium_core.security.tls import TlsFiles
from sensorium_models.embedded.renewal import ServedCertificate

LOOK_EVERY_S = 0.005


@pytest.fixture
def ca(tmp_path: Path) -> DevelopmentCA:
    return DevelopmentCA(tmp_path)


@pytest.fixture
def files(ca: DevelopmentCA) -> TlsFiles:
    own = ca.issue(Leaf("triton"))
    return TlsFiles(own.certificate, own.key, ca.certificate_file)


def issue_another(ca: DevelopmentCA) -> None:
    (ca.folder / "triton.crt").unlink()
    ca.issue(Leaf("triton"))


async def test_a_new_certificate_is_noticed(ca: DevelopmentCA, files: TlsFiles) -> None:
    certificate = ServedCertificate(files, LOOK_EVERY_S)
    waiting = asyncio.create_task(certificate.outdated())
    issue_another(ca)
    assert await asyncio.wait_for(waiting, 10) == "has a new certificate"
    assert certificate.is_outdated
    assert not ServedCertificate(files).is_outdated


async def test_files_that_are_touched_or_broken_are_no_new_certificate(ca: DevelopmentCA, files: TlsFiles) -> None:
    assert files.certificate is not None
    whole = files.certificate.read_bytes()
    certificate = ServedCertificate(files, LOOK_EVERY_S)
    waiting = asyncio.create_task(certificate.outdated())
    for content in (whole, b"no certificate", whole):
        files.certificate.write_bytes(content)
        os.utime(files.certificate)
        done, _ = await asyncio.wait({waiting}, timeout=10 * LOOK_EVERY_S)
        assert not done
        assert not certificate.is_outdated
    issue_another(ca)
    assert await asyncio.wait_for(waiting, 10) == "has a new certificate"


async def test_a_server_without_tls_has_none_to_renew() -> None:
    certificate = ServedCertificate(None, LOOK_EVERY_S)
    waiting = asyncio.create_task(certificate.outdated())
    done, _ = await asyncio.wait({waiting}, timeout=5 * LOOK_EVERY_S)
    assert not done
    waiting.cancel()


def test_files_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        ServedCertificate(TlsFiles(tmp_path / "a", tmp_path / "b", tmp_path / "c"))
