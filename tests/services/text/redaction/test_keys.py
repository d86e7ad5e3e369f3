import base64
import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from sensorium_core.settings import ConfigurationError
from sensorium_text.redaction._keys import NamedKeys, read_keys

SECRET = bytes(range(32))
ENCODED = base64.b64encode(SECRET).decode()


def keys_file(folder: Path, content: str | bytes, mode: int = 0o600) -> Path:
    file = folder / "keys.toml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    file.chmod(mode)
    return file


def entry(name: str = "notes", secret: str = ENCODED, more: str = "") -> str:
    return f'[{name}]\nsecret = "{secret}"\n{more}\n'


def test_keys_are_read_by_name(tmp_path: Path) -> None:
    long = base64.b64encode(bytes(64)).decode()
    keys = read_keys(keys_file(tmp_path, entry("notes", more="restore = true") + entry('"夜班 logs"', long)))
    assert keys["notes"].secret == SECRET
    assert keys["notes"].may_restore
    assert keys["夜班 logs"].secret == bytes(64)
    assert not keys["夜班 logs"].may_restore


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (entry(secret="c2hvcnQ="), "'notes' has a secret of 5 bytes, not of 32, 48, 64"),
        (entry(secret="not base64!"), "'notes' has a secret that is not base64"),
        ("[notes]\nsecret = 5\n", "'notes' has a secret that is not text"),
        (entry(more='restore = "yes"'), "'notes' has a `restore` that is neither true nor false"),
        (entry(more="other = 1"), "'notes' is not a table of `secret`"),
        ("[notes]\nrestore = true\n", "'notes' is not a table of `secret`"),
        ('notes = "x"\n', "'notes' is not a table of `secret`"),
        (entry() + entry(), "names a key twice at line 4"),
        (entry('""'), "'' needs a name of 1 to 128 characters"),
        (entry(f'"{"n" * 129}"'), "needs a name of 1 to 128 characters"),
        ("[notes\n", "is not TOML at line 1"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"#" * (1 << 20) + b"#", "is larger than 1048576 bytes"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_without_its_secrets(
    tmp_path: Path, content: str | bytes, problem: str
) -> None:
    file = keys_file(tmp_path, content)
    with pytest.raises(ConfigurationError) as raised:
        read_keys(file)
    assert problem in str(raised.value)
    assert str(file) in str(raised.value)
    assert ENCODED not in str(raised.value)


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o620, 0o602, 0o666])
def test_a_file_that_others_may_read_or_change_is_refused(tmp_path: Path, mode: int) -> None:
    file = keys_file(tmp_path, entry(), mode)
    with pytest.raises(ConfigurationError, match=f"has mode {mode:04o}; .* chmod 0640"):
        read_keys(file)


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o640, 0o440])
def test_owner_and_group_may_read_the_file(tmp_path: Path, mode: int) -> None:
    assert set(read_keys(keys_file(tmp_path, entry(), mode))) == {"notes"}


def test_a_file_that_is_missing_or_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        NamedKeys(tmp_path / "keys.toml")
    with pytest.raises(ConfigurationError, match="Is a directory"):
        NamedKeys(tmp_path)


def test_a_file_that_is_nested_too_deep_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    file.write_text("a = " + "[" * 9000)
    file.chmod(0o600)
    with pytest.raises(ConfigurationError, match="is nested too deep"):
        read_keys(file)


def test_without_a_file_there_are_no_keys() -> None:
    assert NamedKeys(None).get("notes") is None


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    file = keys_file(tmp_path, entry())
    keys = NamedKeys(file)
    keys_file(tmp_path, entry("notes") + entry("more"))
    with capture_logs() as logs:
        assert keys.get("more") is not None
    assert [log["count"] for log in logs] == [2]


def test_while_the_file_is_broken_or_away_the_former_keys_stay(tmp_path: Path) -> None:
    file = keys_file(tmp_path, entry())
    keys = NamedKeys(file)
    keys_file(tmp_path, entry(secret=ENCODED[:-8]))
    with capture_logs() as logs:
        assert keys.get("notes") is not None
        assert keys.get("notes") is not None
    (log,) = logs
    assert log["log_level"] == "error"
    assert ENCODED[:-8] not in str(log)
    file.unlink()
    assert keys.get("notes") is not None
    os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
    assert keys.get("notes") is None


def test_secrets_do_not_show(tmp_path: Path) -> None:
    keys = NamedKeys(keys_file(tmp_path, entry()))
    shown = f"{keys!r} {keys.get('notes')!r} {keys.get('notes')}"
    assert "secret" not in shown
    assert repr(SECRET)[2:-1] not in shown
