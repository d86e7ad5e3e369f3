"""The file of patterns and gazetteers that the service's settings name."""

import json
from pathlib import Path

import pytest

from sensorium_core.settings import ConfigurationError
from sensorium_text.domain import Gazetteer, GazetteerEntry
from sensorium_text.entities import ConfiguredEntities, read_entities

TOML = """
[[patterns]]
name = "work order"
pattern = 'WO-(\\d{6})'

[[gazetteers]]
name = "machine"
entries = ["Press 4", { name = "Oven 2", synonyms = ["curing oven", "二号炉"] }]

[[gazetteers]]
name = "supplier"
case_sensitive = true
file = "suppliers.txt"
"""


def write(folder: Path, content: str, name: str = "entities.toml") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_no_file_configures_nothing() -> None:
    assert read_entities(None) == ConfiguredEntities()


def test_patterns_and_gazetteers(tmp_path: Path) -> None:
    write(tmp_path, "SKF\nSiemens\t西门子\tSIEMENS AG\n\n", "suppliers.txt")
    configured = read_entities(write(tmp_path, TOML))
    (pattern,) = configured.patterns
    assert (pattern.name, pattern.pattern.search("WO-123456").group(1)) == ("work order", "123456")
    assert configured.gazetteers == (
        Gazetteer(
            "machine",
            (GazetteerEntry("Press 4", ()), GazetteerEntry("Oven 2", ("curing oven", "二号炉"))),
            case_sensitive=False,
        ),
        Gazetteer(
            "supplier",
            (GazetteerEntry("SKF", ()), GazetteerEntry("Siemens", ("西门子", "SIEMENS AG"))),
            case_sensitive=True,
        ),
    )


def test_json_says_the_same(tmp_path: Path) -> None:
    content = {"gazetteers": [{"name": "machine", "entries": ["Press 4"]}]}
    configured = read_entities(write(tmp_path, json.dumps(content), "entities.json"))
    assert configured.gazetteers == (Gazetteer("machine", (GazetteerEntry("Press 4", ()),), case_sensitive=False),)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("patterns = [", "is not TOML"),
        ("pattern = 1", "has the unknown key 'pattern'; known are gazetteers, patterns"),
        ("patterns = 1", "patterns must be a list"),
        ("patterns = [1]", r"patterns\[0\] must be a table of name, pattern"),
        ("patterns = [{pattern = 'a'}]", r"patterns\[0\].name must be text of 1 to 64 characters"),
        ("patterns = [{name = 'a', pattern = '('}]", r"patterns\[0\].pattern: not a regular expression in RE2 syntax"),
        ("gazetteers = [{name = 'a'}]", r"gazetteers\[0\] needs either `entries` or a `file`"),
        ("gazetteers = [{name = 'a', entries = []}]", r"gazetteers\[0\] has no entry"),
        ("gazetteers = [{name = 'a', entries = 'b'}]", r"gazetteers\[0\].entries must be a list"),
        ("gazetteers = [{name = 'a', entries = [' ']}]", r"entries\[0\] must be text of 1 to 256 characters"),
        (
            "gazetteers = [{name = 'a', entries = [{name = 'b', synonyms = [1]}]}]",
            r"entries\[0\].synonyms\[0\] must be text",
        ),
        ("gazetteers = [{name = 'a', entries = ['b'], case_sensitive = 1}]", "case_sensitive must be true or false"),
        ("gazetteers = [{name = 'a', entries = ['b'], sensitive = true}]", "unknown key 'sensitive'"),
        ("gazetteers = [{name = 'a', file = 'none.txt'}]", "none.txt cannot be read: No such file"),
    ],
)
def test_what_is_wrong_is_told(content: str, problem: str, tmp_path: Path) -> None:
    path = write(tmp_path, content)
    with pytest.raises(ConfigurationError, match=problem) as caught:
        read_entities(path)
    assert str(tmp_path) in str(caught.value)


def test_a_file_that_is_away_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        read_entities(tmp_path / "none.toml")
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        read_entities(tmp_path)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="is not UTF-8"):
        read_entities(tmp_path / "binary.toml")
    with pytest.raises(ConfigurationError, match="is not JSON"):
        read_entities(write(tmp_path, "{", "entities.json"))
    with pytest.raises(ConfigurationError, match="holds no table"):
        read_entities(write(tmp_path, "[]", "list.json"))


@pytest.mark.parametrize(("name", "content"), [("a.json", "[" * 9000), ("a.toml", "a = " + "[" * 9000)])
def test_a_file_that_is_nested_too_deep_is_told(name: str, content: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"is not (JSON|TOML)"):
        read_entities(write(tmp_path, content, name))


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is larger than 16777216 bytes"):
        read_entities(write(tmp_path, "#" * ((16 << 20) + 1)))


def test_a_name_that_is_too_long_is_told_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, "ok\n" + "x" * 257, "names.txt")
    path = write(tmp_path, "gazetteers = [{name = 'a', file = 'names.txt'}]")
    with pytest.raises(ConfigurationError, match=r"names.txt, line 2: a name is longer than 256"):
        read_entities(path)
