"""A model is current as long as nothing that makes it has changed, and that is told without running a recipe."""

from pathlib import Path

import pytest

from sensorium_models import stamp
from sensorium_models.stamp import stamp_of
from sensorium_models.workplace import ModelFolder


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A source tree where the recipe `net` imports sensorium_core.a, which imports sensorium_core.b."""
    for path, text in {
        "sensorium_core/__init__.py": "",
        "sensorium_core/a.py": "def f():\n    from sensorium_core import b\n",
        "sensorium_core/b.py": "import numpy\nfrom .beside import thing\n",
        "sensorium_core/beside.py": "thing = 1\n",
        "sensorium_core/c.py": "",
        "sensorium_core/pictures.py": "import sensorium_core.skimage\n",
        "sensorium_core/skimage.py": "",
        "net/recipe.py": "import sensorium_core.a\nfrom sensorium_core import pictures\nfrom elsewhere import thing\n",
        "net/config.pbtxt": 'name: "net"\n',
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.setattr(stamp, "_PACKAGES", tmp_path)
    monkeypatch.setattr(stamp, "_CHECK_ONLY", {tmp_path / "sensorium_core" / "pictures.py"})
    return tmp_path


def net(packages: Path) -> ModelFolder:
    return ModelFolder("vision", "net", packages / "net")


def test_nothing_changed_nothing_to_do(packages: Path) -> None:
    assert stamp_of(net(packages)) == stamp_of(net(packages))


@pytest.mark.parametrize(
    "path",
    [
        *("net/recipe.py", "net/config.pbtxt"),
        *("sensorium_core/a.py", "sensorium_core/b.py", "sensorium_core/beside.py"),
    ],
)
def test_a_change_of_what_makes_the_model_is_seen(packages: Path, path: str) -> None:
    before = stamp_of(net(packages))
    (packages / path).write_text((packages / path).read_text() + "# changed\n")
    assert stamp_of(net(packages)) != before


@pytest.mark.parametrize("path", ["sensorium_core/c.py", "sensorium_core/pictures.py", "sensorium_core/skimage.py"])
def test_a_change_of_what_does_not_is_none(packages: Path, path: str) -> None:
    before = stamp_of(net(packages))
    (packages / path).write_text("changed = True\n")
    assert stamp_of(net(packages)) == before


def test_a_relative_path_is_the_same_model(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(packages)
    assert stamp_of(ModelFolder("vision", "net", Path("net"))) == stamp_of(net(packages))
