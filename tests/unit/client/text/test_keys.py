from __future__ import annotations

import base64
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium_client.cli.text._keys import read_key
from unit.client.scripted import Script
from unit.client.text.cli import invoke

KEY = bytes(range(48))


@pytest.fixture
def answering(script: Script) -> Script:
    script.always = pb.RedactResponse(text="x")
    return script


@pytest.mark.parametrize("content", [KEY, base64.b64encode(KEY), base64.b64encode(KEY) + b"\r\n"])
def test_a_key_file(run: Any, answering: Script, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    assert run("redact", "jo", "--key-file", file).exit_code == 0
    wanted = pb.RedactOptions(mode=pb.REDACT_MODE_PSEUDONYMIZE, key=pb.PseudonymKey(secret=KEY))
    assert answering.requests[0].options == wanted


def test_a_key_by_name(run: Any, answering: Script) -> None:
    run("redact", "jo", "--key-name", "plant", "--mode", "pseudonymize")
    assert answering.requests[0].options.key.name == "plant"


def test_a_key_in_the_environment(run: Any, answering: Script) -> None:
    environment = {"SENSORIUM_TEXT_KEY": base64.b64encode(KEY).decode()}
    run("redact", "jo", "--mode", "pseudonymize", env=environment)
    run("redact", "jo", env=environment)
    by_key, masked = answering.requests
    assert by_key.options.key.secret == KEY
    assert masked.options == pb.RedactOptions(mode=pb.REDACT_MODE_MASK)


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33, b"x" * 1000, base64.b64encode(b"x" * 16)])
def test_what_is_no_key(run: Any, answering: Script, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    for arguments in (("--key-file", file), ("--key-file", tmp_path / "none")):
        done = run("restore", "x", *arguments)
        assert done.exit_code == 2
        assert "--key-file" in done.stderr
    if content:
        done = run("restore", "x", env={"SENSORIUM_TEXT_KEY": content.decode()})
        assert done.exit_code == 2
        assert "SENSORIUM_TEXT_KEY" in done.stderr
        assert content.decode() not in re.sub(r"[│\s]+", "", done.stderr)
    assert answering.requests == []


def test_a_new_key_is_its_owners_and_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "key"
    assert invoke("key", file).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = read_key(file)
    assert len(key) == 64
    again = invoke("key", file)
    assert (again.exit_code, read_key(file)) == (1, key)
    assert "File exists" in again.stderr
    assert invoke("key", tmp_path / "other").exit_code == 0
    assert read_key(tmp_path / "other") != key


@given(st.sampled_from([32, 48, 64]).flatmap(lambda size: st.binary(min_size=size, max_size=size)))
def test_every_key_is_read_in_base64(tmp_path_factory: pytest.TempPathFactory, key: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any-key"
    file.write_bytes(base64.b64encode(key))
    assert read_key(file) == key
