"""`sensorium up` with the certificates of `sensorium certs dev`: every door asks for papers, and everything works."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.test_stack import RealStack
from sensorium_core.audit import verify

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

SENSORIUM = (sys.executable, "-c", "from sensorium_client.cli import main; main()")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def certs(tmp_path: Path) -> Path:
    folder = tmp_path / "certs"
    subprocess.run([*SENSORIUM, "certs", "dev", str(folder)], check=True, capture_output=True, timeout=60)
    return folder


@pytest.fixture
def stack(tmp_path: Path, certs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RealStack]:
    for line in (certs / "sensorium.env").read_text().splitlines():
        name, _, value = line.partition("=")
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SENSORIUM_VISION_AUDIT_DIR", str(tmp_path / "audit"))
    stack = RealStack(tmp_path)
    yield stack
    stack.process.terminate()
    stack.process.wait(20)


def without_papers(stack: RealStack) -> dict[str, str]:
    return {k: v for k, v in stack.environment.items() if k not in ("SENSORIUM_CERTIFICATE", "SENSORIUM_KEY")}


def status(environment: dict[str, str]) -> int:
    done = subprocess.run(
        [*SENSORIUM, "status"], cwd=ROOT, env=environment, check=False, capture_output=True, timeout=60
    )
    return done.returncode


def scrape(url: str, certs: Path, name: str | None) -> int:
    context = ssl.create_default_context(cafile=str(certs / "ca.crt"))
    if name is not None:
        context.load_cert_chain(certs / f"{name}.crt", certs / f"{name}.key")
    try:
        with urllib.request.urlopen(url, context=context, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_the_whole_stack_speaks_mutual_tls(stack: RealStack, certs: Path, tmp_path: Path) -> None:
    stack.wait_until_greeted()
    assert "espresso" in stack.printed
    assert "no greeting" not in stack.printed
    assert stack.ask("status").returncode == 0
    assert status(without_papers(stack)) == 1

    address = f"127.0.0.1:{stack.environment['SENSORIUM_VISION_METRICS_PORT']}"
    url = f"https://{address}/metrics"
    assert url in stack.printed
    assert scrape(url, certs, "prometheus") == 200
    assert scrape(url, certs, "text") == 403
    assert scrape(url, certs, None) == 0

    top = stack.ask("top", "--once", "--interval", "0.2")
    assert top.returncode == 0, top.stdout
    assert "efficientnet_lite0" in top.stdout

    triton = f"127.0.0.1:{stack.environment['SENSORIUM_TRITON_GRPC_PORT']}"
    attacker = [sys.executable, str(Path(__file__).with_name("triton_attacker.py"))]
    given = json.dumps({"address": triton, "model": "efficientnet_lite0", "tls": {}})
    done = subprocess.run([*attacker, given], check=True, capture_output=True, text=True, timeout=120)
    assert set(json.loads(done.stdout).values()) == {"UNAVAILABLE"}

    listed = stack.ask("vision", "models", "--address", stack.environment["SENSORIUM_VISION_LISTEN"], "--json")
    assert listed.returncode == 0, listed.stderr
    assert stack.ask("down").returncode == 0
    stack.process.wait(20)
    report = verify((tmp_path / "audit").glob("*.jsonl"))
    assert report.findings == []
    assert report.records > 5


def test_the_policy_is_kept_by_every_service(stack: RealStack, certs: Path) -> None:
    (certs / "policy.toml").write_text(
        '[[allow]]\nidentities = ["mtls:spiffe://sensorium.local/client"]\nmethods = ["*/ListModels"]\nmodels = []\n'
    )
    stack.wait_until_greeted()
    for service in ("vision", "speech", "text"):
        listen = stack.environment[f"SENSORIUM_{service.upper()}_LISTEN"]
        assert stack.ask(service, "models", "--address", listen).returncode == 0
    picture = ROOT / "docs" / "pictures" / "classify-coffee.jpg"
    done = stack.ask("vision", "classify", "--address", stack.environment["SENSORIUM_VISION_LISTEN"], str(picture))
    assert done.returncode == 1
    assert "METHOD_NOT_ALLOWED" in done.stderr
