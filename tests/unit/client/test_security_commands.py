"""`sensorium certs`, `sensorium keys`, `sensorium audit`, and the options that say who calls."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sensorium_client.cli import app
from sensorium_core.audit import AuditLog, AuditSettings
from sensorium_core.errors import UnauthenticatedError
from sensorium_core.security import policy
from sensorium_core.security.identity import Identity, IdentityKind
from sensorium_core.security.keys import KeyVerifier
from sensorium_core.security.tls import TlsFiles, TlsMaterial
from sensorium_core.telemetry import Metrics


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


class TestCerts:
    def test_everything_that_a_stack_needs_is_made_once(self, tmp_path: Path) -> None:
        folder = tmp_path / "certs"
        first = run("certs", "dev", folder, "--host", "plant.example")
        assert first.exit_code == 0, first.output
        assert [line.split()[0] for line in first.output.splitlines()[:6]] == ["made"] * 6
        assert "spiffe://sensorium.local/vision" in first.output
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        again = run("certs", "dev", folder, "--host", "plant.example")
        assert [line.split()[0] for line in again.output.splitlines()[:6]] == ["kept"] * 6
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before

    def test_the_settings_name_files_that_are_there_and_fit(self, tmp_path: Path) -> None:
        run("certs", "dev", tmp_path)
        lines = (tmp_path / "sensorium.env").read_text().splitlines()
        settings = dict(line.split("=", 1) for line in lines)
        assert {Path(path).is_file() for path in settings.values()} == {True}
        for service in ("VISION", "SPEECH", "TEXT"):
            given = (settings[f"SENSORIUM_{service}_TLS_{part}"] for part in ("CERTIFICATE", "KEY", "CLIENT_CA"))
            assert TlsMaterial.read(TlsFiles(*map(Path, given))).not_after is not None
        assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("*.key")} == {0o600}

    def test_the_policy_lets_the_client_do_everything_and_is_left_when_changed(self, tmp_path: Path) -> None:
        run("certs", "dev", tmp_path)
        path = tmp_path / "policy.toml"
        read = policy.read(path)
        client = Identity("spiffe://sensorium.local/client", IdentityKind.MTLS)
        scraper = Identity("spiffe://sensorium.local/prometheus", IdentityKind.MTLS)
        method = "sensorium.vision.v1.VisionService/Classify"
        assert [read.grant(who, method).allowed for who in (client, scraper)] == [True, False]
        assert read.grant(scraper, "metrics").allowed
        speech = Identity("spiffe://sensorium.local/speech", IdentityKind.MTLS)
        methods = [f"sensorium.text.v1.TextService/{name}" for name in ("Redact", "Restore")]
        assert [read.grant(speech, each).allowed for each in methods] == [True, False]
        path.write_text("# mine")
        run("certs", "dev", tmp_path)
        assert path.read_text() == "# mine"

    def test_a_folder_that_cannot_be_is_told_plainly(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        done = run("certs", "dev", tmp_path / "file" / "certs")
        assert done.exit_code == 1
        assert "Not a directory" in done.output


class TestKeys:
    def test_a_key_is_shown_once_listed_without_its_secret_and_revoked(self, tmp_path: Path) -> None:
        file = tmp_path / "keys.sqlite"
        key = run("keys", "create", "packing", "--days", 30, "--file", file).output.strip()
        assert re.fullmatch(r"sns_[0-9a-f]{12}_[\w-]{43}", key)
        _, key_id, secret = key.split("_", 2)
        assert str(KeyVerifier(file, Metrics()).verify(key).identity) == "key:packing"
        listed = run("keys", "list", "--file", file)
        assert "packing" in listed.output
        assert "good until" in listed.output
        assert secret not in listed.output
        (document,) = [json.loads(line) for line in run("keys", "list", "--json", "--file", file).output.splitlines()]
        assert (document["id"], document["name"], document["revoked"]) == (key_id, "packing", None)
        assert run("keys", "revoke", key_id, "--file", file).output == f"revoked {key_id}\n"
        with pytest.raises(UnauthenticatedError):
            KeyVerifier(file, Metrics()).verify(key)
        assert "revoked 20" in run("keys", "list", "--file", file).output

    def test_what_cannot_be_is_told_plainly(self, tmp_path: Path) -> None:
        file = tmp_path / "keys.sqlite"
        for arguments in (("create", ""), ("create", "line\nbreak"), ("revoke", "nothing")):
            done = run("keys", *arguments, "--file", file)
            assert done.exit_code == 1
            assert done.output.startswith("sensorium: ")


class TestAudit:
    @pytest.fixture
    def log(self, tmp_path: Path) -> Path:
        for service in ("text", "vision"):
            with AuditLog(AuditSettings(tmp_path, service), Metrics()) as log:
                log.record(event="call")
        return tmp_path

    def test_a_whole_log_is_called_whole(self, log: Path) -> None:
        done = run("audit", "verify", log)
        assert done.exit_code == 0
        assert re.fullmatch(
            r"text: whole, 3 records, head 3:[0-9a-f]{64}\nvision: whole, 3 records, head 3:[0-9a-f]{64}\n", done.output
        )

    def test_a_changed_record_is_named(self, log: Path) -> None:
        file = log / "vision-000000000001.jsonl"
        file.write_text(file.read_text().replace('"event":"call"', '"event":"cell"'))
        done = run("audit", "verify", log)
        assert done.exit_code == 1
        assert done.output.splitlines()[1:] == [
            f"{file.name}:2: record 2 was changed, or made with another key",
            next(line for line in done.output.splitlines() if line.startswith("vision: 1 faults, 3 records")),
        ]

    def test_a_head_that_was_noted_elsewhere_is_looked_for(self, log: Path) -> None:
        file = log / "vision-000000000001.jsonl"
        head = run("audit", "verify", file).output.split()[-1]
        assert run("audit", "verify", file, "--head", head).exit_code == 0
        assert run("audit", "verify", file, "--head", "3:" + "0" * 64).exit_code == 1
        assert run("audit", "verify", file, "--head", "nonsense").exit_code == 2

    def test_the_log_of_a_service_that_was_removed_as_a_whole_is_missed(self, log: Path) -> None:
        (log / "text-000000000001.jsonl").unlink()
        done = run("audit", "verify", log)
        assert done.exit_code == 1
        assert done.output.splitlines()[:2] == [
            "no files: records 1 to 3, which text.head knows of, are missing at the end",
            f"text: 1 faults, 0 records, head 0:{'0' * 64}",
        ]

    def test_what_a_log_says_cannot_command_the_terminal(self, log: Path) -> None:
        file = log / "vision-000000000001.jsonl"
        changed = file.rename(file.with_name("vision-\x1b[2J.jsonl"))
        changed.write_text(
            changed.read_text().replace('"event":"opened"', '"event":"opened","torn_bytes":"\\u001b[2J"')
        )
        done = run("audit", "verify", log)
        assert done.exit_code == 1
        assert "\x1b" not in done.output
        assert "vision-?[2J.jsonl:1: record 1 was changed" in done.output

    def test_what_cannot_be_read_is_an_error_of_its_own(self, log: Path, tmp_path: Path) -> None:
        assert run("audit", "verify", log / "vision-9.jsonl").exit_code == 2
        (tmp_path / "empty").mkdir()
        assert run("audit", "verify", tmp_path / "empty").exit_code == 2
        assert run("audit", "verify", log, "--key", tmp_path / "gone").exit_code == 2


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--cert", "c"], "belong together"),
        (["--token", "a", "--api-key", "b"], "one proof of identity"),
    ],
)
def test_options_that_do_not_fit_together_are_wrong_usage(
    options: list[str], problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CA", "CERTIFICATE", "KEY", "TOKEN", "TOKEN_FILE", "API_KEY"):
        monkeypatch.setenv(f"SENSORIUM_{name}", "")  # what the command sets is taken back with it
    done = run(*options, "vision", "models")
    assert done.exit_code == 2
    assert problem in done.output
