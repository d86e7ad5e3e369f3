"""`sensorium text …` against the real service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from integration.conftest import Stack
from sensorium_client import TextClient
from sensorium_client.cli import app

pytestmark = pytest.mark.integration

NOTES = 'id;note\r\n1;"John Miller; +49 30 901820\r\n👷 called 张伟"\r\n2;\r\n3;pump P-101A, S/N 4711-0815 replaced\r\n'


@pytest.fixture
def run(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("SENSORIUM_TEXT_ADDRESS", stack.address("text"))
    return lambda *arguments: CliRunner().invoke(app, ["text", *map(str, arguments)])


def test_rank_as_json_is_best_first_with_index_and_score(run: Any) -> None:
    done = run("rank", "液压油泄漏", "hydraulic oil leak at the boom", "replace engine air filter", "--json")
    assert done.exit_code == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert [found["index"] for found in results] == [0, 1]
    assert 1 >= results[0]["score"] > results[1]["score"] >= 0


def test_a_column_is_pseudonymized_and_restored_byte_for_byte(run: Any, tmp_path: Path) -> None:
    original, shared, back = (tmp_path / f"{name}.csv" for name in ("original", "shared", "back"))
    original.write_bytes(NOTES.encode())
    assert run("key", tmp_path / "key").exit_code == 0
    key = ("--key-file", tmp_path / "key")
    done = run("redact", "--file", original, "--column", "note", "--out", shared, *key)
    assert (done.exit_code, done.stderr) == (0, "")
    text = shared.read_text()
    assert not [data for data in ("John", "901820", "张伟") if data in text]
    assert "3;pump P-101A, S/N 4711-0815 replaced" in text
    done = run("restore", "--file", shared, "--column", "note", "--out", back, *key)
    assert (done.exit_code, done.stderr) == (0, "")
    assert back.read_bytes() == original.read_bytes()


def test_a_wrong_key_restores_nothing_and_says_so(run: Any, tmp_path: Path) -> None:
    for name in ("key", "other"):
        run("key", tmp_path / name)
    redacted = run("redact", "John Miller called", "--key-file", tmp_path / "key").stdout.strip()
    assert "John" not in redacted
    done = run("restore", redacted, "--key-file", tmp_path / "other")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "PSEUDONYM_KEY_MISMATCH" in done.stderr
    assert run("restore", redacted, "--key-file", tmp_path / "key").stdout == "John Miller called\n"


def test_offsets_slice_pythons_strings(stack: Stack) -> None:
    text = "👷 e\u0301 张伟: pump P-101A at 4.5 bar, John Miller, +49 30 901820"
    with TextClient(stack.address("text")) as client:
        entities = client.extract_entities(text).entities
        findings = client.redact(text).findings
        explained = client.explain(text).contributions
    spans = [each.span for each in entities] + [each.span for each in findings] + [each.span for each in explained]
    assert len(entities) >= 2
    assert findings
    assert [text[span.begin : span.end] for span in spans] == [span.text for span in spans]
