"""The vision service with every kind of identity on, before a real Triton; a second process tries to get in."""

from __future__ import annotations

import datetime
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from integration.secured import running_triton, running_vision
from integration.waiting import until
from sensorium_client import RetryPolicy, Security, SensoriumError, VisionClient
from sensorium_client.stack.ports import free_ports
from sensorium_client.stack.readings import read
from sensorium_core.audit import verify
from sensorium_core.security import development
from sensorium_core.security.development import DevelopmentCA, Issued, Leaf
from sensorium_core.security.keys import KeyFile
from services.vision import files
from unit.core.security.issuing import AUDIENCE, ISSUER, Issuer, unsigned

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

MODEL = "efficientnet_lite0"
ATTACKER = Path(__file__).parents[1] / "unit" / "core" / "security" / "attacker.py"
SERVICE = "/sensorium.vision.v1.VisionService"
CLASSIFY, LIST = f"{SERVICE}/Classify", f"{SERVICE}/ListModels"
MARK = b"the mark of a secret part"
PICTURE = files.black_png(8, 8, files.png_chunk(b"tEXt", b"Comment\0" + MARK))
POLICY = """
[[allow]]
identities = ["mtls:spiffe://sensorium.local/cell-7", "jwt:robot-7", "key:gateway"]
methods = ["sensorium.vision.v1.VisionService/Classify"]
models = ["*"]

[[allow]]
identities = ["mtls:spiffe://sensorium.local/prometheus"]
methods = ["metrics"]
models = []

[[quota]]
identities = ["key:gateway"]
requests_per_second = 0.01
burst = 2
"""


@dataclass
class Plant:
    """What runs, and what belongs to whom."""

    folder: Path
    address: str
    metrics: str
    ca: DevelopmentCA
    cell: Issued
    issuer: Issuer
    keys: KeyFile

    @property
    def papers(self) -> Security:
        return Security(self.ca.certificate_file, self.cell.certificate, self.cell.key)

    def attack(self, *attempts: dict[str, Any]) -> list[str]:
        """What another process gets for each of its attempts."""
        given = {"address": self.address, "metrics": self.metrics, "attempts": attempts}
        command = [sys.executable, str(ATTACKER), json.dumps(given, default=str)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
        assert done.returncode == 0, done.stderr
        results: list[str] = json.loads(done.stdout)
        return results

    def tls(self, issued: Issued | None = None, ca: DevelopmentCA | None = None) -> dict[str, Path]:
        own = {"certificate": issued.certificate, "key": issued.key} if issued else {}
        return {"ca": (ca or self.ca).certificate_file, **own}

    def classify(self, security: Security) -> None:
        with VisionClient(self.address, security=security, retry=RetryPolicy(max_attempts=1)) as client:
            assert client.classify(PICTURE).labels


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    folder = tmp_path_factory.mktemp("plant")
    ca, issuer, keys = DevelopmentCA(folder / "ca"), Issuer(), KeyFile(folder / "keys.sqlite")
    keys.create("other")
    triton_files, vision_files, cell = (ca.issue(Leaf(name)) for name in ("triton", "vision", "cell-7"))
    (folder / "policy.toml").write_text(POLICY)
    (folder / "jwks.json").write_text(issuer.jwks())
    (metrics_port,) = free_ports(1)
    tls = {"TLS_CERTIFICATE": triton_files.certificate, "TLS_KEY": triton_files.key, "TLS_CA": ca.certificate_file}
    with running_triton(folder, MODEL, **tls) as triton:
        settings = {
            "TRITON_ADDRESS": triton.address,
            "TRITON_CA": ca.certificate_file,
            "TRITON_CERTIFICATE": vision_files.certificate,
            "TRITON_KEY": vision_files.key,
            "TLS_CERTIFICATE": vision_files.certificate,
            "TLS_KEY": vision_files.key,
            "TLS_CLIENT_CA": ca.certificate_file,
            "JWT_JWKS": folder / "jwks.json",
            "JWT_ISSUER": ISSUER,
            "JWT_AUDIENCE": AUDIENCE,
            "API_KEYS": folder / "keys.sqlite",
            "POLICY": folder / "policy.toml",
            "AUDIT_DIR": folder / "audit",
            "RELOAD_INTERVAL": 0.05,
            "LOG_LEVEL": "debug",
            "METRICS_PORT": metrics_port,
        }
        with running_vision(folder, **settings) as address:
            yield Plant(folder, address, f"127.0.0.1:{metrics_port}", ca, cell, issuer, keys)
    # Whatever was tried, the record of it is whole once the service has ended.
    report = verify((folder / "audit").glob("*.jsonl"))
    assert report.findings == []
    assert report.records > 20


def test_without_a_certificate_of_the_ca_no_listener_answers(plant: Plant, tmp_path: Path) -> None:
    stranger = DevelopmentCA(tmp_path / "evil")
    ages_ago = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=100)
    expired = DevelopmentCA(plant.ca.folder, now=lambda: ages_ago).issue(Leaf("expired"))
    doors: list[dict[str, Any]] = [{"method": CLASSIFY}, {"method": "/grpc.health.v1.Health/Check"}, {"scrape": True}]
    shut = ["UNAVAILABLE", "UNAVAILABLE", "NO CONNECTION"]
    for tls in (None, plant.tls(), plant.tls(stranger.issue(Leaf("cell-7"))), plant.tls(expired)):
        assert plant.attack(*({**door, "tls": tls} for door in doors)) == shut


def test_a_certificate_of_the_ca_is_not_enough(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(development, "TRUST_DOMAIN", "evil.example")
    elsewhere = plant.ca.issue(Leaf("cell-7-elsewhere"))
    monkeypatch.undo()
    nobody = plant.ca.issue(Leaf("nobody"))
    denied = "PERMISSION_DENIED METHOD_NOT_ALLOWED"
    for issued in (elsewhere, nobody):
        tls = plant.tls(issued)
        doors: list[dict[str, Any]] = [{"method": CLASSIFY}, {"method": LIST}, {"method": f"{SERVICE}/No"}]
        doors += [{"method": "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "stream": True}]
        doors += [{"method": "/grpc.health.v1.Health/Watch"}, {"scrape": True}]
        assert plant.attack(*({**door, "tls": tls} for door in doors)) == [*[denied] * 5, "403"]
    assert plant.attack({"method": LIST, "tls": plant.tls(plant.cell)}) == [denied]


def test_forged_tokens_do_not_profit_from_a_good_certificate(plant: Plant) -> None:
    issuer, stranger, tls = plant.issuer, Issuer(), plant.tls(plant.cell)
    proofs = {
        "TOKEN_EXPIRED": issuer.token(exp=1),
        "TOKEN_NOT_YET_VALID": issuer.token(nbf=2**33),
        "TOKEN_SIGNATURE": issuer.token("rsa-1", stranger.keys["rsa-1"]),
        "TOKEN_AUDIENCE": issuer.token(aud="another"),
        "TOKEN_ISSUER": issuer.token(iss="https://evil.example"),
        "TOKEN_KEY_UNKNOWN": issuer.token("rsa-9", stranger.keys["rsa-1"]),
        "TOKEN_CLAIM_MISSING": issuer.token(exp=None),
        "TOKEN_MALFORMED": "x.y.z",
        "TOKEN_ALGORITHM": unsigned(),
    }
    attempts = [{"tls": tls, "method": CLASSIFY, "metadata": _bearer(proof)} for proof in proofs.values()]
    assert plant.attack(*attempts) == [f"UNAUTHENTICATED {reason}" for reason in proofs]
    hmac = {"tls": tls, "method": CLASSIFY, "metadata": _bearer(issuer.hmac_with_public_key())}
    assert plant.attack(hmac) == ["UNAUTHENTICATED TOKEN_ALGORITHM"]


def test_keys_of_the_issuer_are_rotated_and_api_keys_revoked_under_the_running_service(plant: Plant) -> None:
    before, made = plant.issuer.token(), plant.keys.create("gateway")
    plant.classify(replace(plant.papers, token=before))
    until(lambda: _known(plant, replace(plant.papers, api_key=made)), 60)
    plant.issuer.keys = {"rsa-2": Issuer().keys["rsa-1"]}
    (plant.folder / "jwks.json").write_text(plant.issuer.jwks())
    plant.keys.revoke(made.split("_")[1])
    tls = plant.tls(plant.cell)
    stale: list[dict[str, Any]] = [{"tls": tls, "method": CLASSIFY, "metadata": _bearer(before)}]
    stale += [{"tls": tls, "method": CLASSIFY, "metadata": [("x-api-key", made)]}]
    ends = ["UNAUTHENTICATED TOKEN_KEY_UNKNOWN", "UNAUTHENTICATED API_KEY_REVOKED"]
    until(lambda: plant.attack(*stale) == ends, 60)
    plant.classify(replace(plant.papers, token=plant.issuer.token("rsa-2")))


def test_a_broken_policy_changes_nothing_and_is_told(plant: Plant) -> None:
    policy = plant.folder / "policy.toml"
    scraper = plant.ca.issue(Leaf("prometheus"))
    security = Security(plant.ca.certificate_file, scraper.certificate, scraper.key)

    def failing() -> float:
        reading = read(f"https://{plant.metrics}/metrics", security)
        return reading.total("sensorium_reload_failing", what="policy") if reading else -1

    policy.write_text('[[allow]]\nidentities = ["*"]\nmethods = ["*"]\nmodels = ["*"]\nand = "more"')
    until(lambda: failing() == 1, 60)
    plant.classify(plant.papers)
    assert plant.attack({"method": LIST, "tls": plant.tls(plant.cell)}) == ["PERMISSION_DENIED METHOD_NOT_ALLOWED"]
    assert "not reloaded; what was there before stays in use" in (plant.folder / "vision.log").read_text()
    policy.write_text(POLICY)
    until(lambda: failing() == 0, 60)


def test_a_quota_ends_calls_and_says_when_to_come_again(plant: Plant) -> None:
    security = replace(plant.papers, api_key=plant.keys.create("gateway"))
    refused = None
    for _ in range(4):  # the key may be a moment too new, and the burst has two calls
        try:
            until(lambda: _known(plant, security), 60)
        except SensoriumError as error:
            refused = error
            break
    assert refused is not None
    assert refused.reason == "QUOTA_REQUESTS"
    assert refused.retry_delay is not None
    assert 1 < refused.retry_delay <= 100
    plant.classify(plant.papers)  # of another identity


def _known(plant: Plant, security: Security) -> bool:
    try:
        plant.classify(security)
    except SensoriumError as error:
        if error.reason == "API_KEY_UNKNOWN":
            return False
        raise
    return True


def test_nothing_secret_is_in_logs_audit_and_metrics(plant: Plant) -> None:
    token, made = plant.issuer.token(next(iter(plant.issuer.keys))), plant.keys.create("spare")
    plant.attack(
        {"tls": plant.tls(plant.cell), "method": CLASSIFY, "metadata": _bearer(token)},
        {"tls": plant.tls(plant.cell), "method": CLASSIFY, "metadata": [("x-api-key", made)]},
        {"tls": plant.tls(plant.cell), "method": CLASSIFY, "metadata": _bearer(token + "x")},
    )
    plant.classify(plant.papers)
    scraper = plant.ca.issue(Leaf("prometheus"))
    reading = read(
        f"https://{plant.metrics}/metrics", Security(plant.ca.certificate_file, scraper.certificate, scraper.key)
    )
    assert reading is not None
    written = [*plant.folder.glob("*.log"), *(plant.folder / "audit").glob("*.jsonl")]
    texts = [path.read_text(errors="replace") for path in written] + [repr(reading.values)]
    assert len(texts) == 4
    secrets = [token, token.split(".")[1], made.split("_")[2], MARK.decode(), "PRIVATE KEY", "sns_"]
    for text in texts:
        assert [secret for secret in secrets if secret in text] == []
        assert not re.search(r"eyJ[A-Za-z0-9_-]{10}", text)  # the beginning of any token


def _bearer(token: str) -> list[tuple[str, str]]:
    return [("authorization", f"Bearer {token}")]
