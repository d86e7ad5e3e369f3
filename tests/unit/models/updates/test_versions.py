"""The folder of a model says at every moment which one version serves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sensorium_core.triton import parse_config
from sensorium_models.updates import RefusedError
from sensorium_models.updates._versions import Versions

CONFIG = '# As a person has written it.\nname: "net"\nmax_batch_size: 4\n'


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    folder = tmp_path / "models" / "net"
    (folder / "1").mkdir(parents=True)
    (folder / "1" / "model.onnx").write_bytes(b"first")
    (folder / "config.pbtxt").write_text(CONFIG)
    return Versions(folder)


@pytest.fixture
def place(versions: Versions, tmp_path: Path) -> Callable[[bytes], int]:
    def put(content: bytes, config: str = CONFIG) -> int:
        file = tmp_path / "candidate"
        file.write_bytes(content)
        return versions.place({"model.onnx": file}, config, tmp_path)

    return put


def served_by_triton(versions: Versions) -> list[int]:
    """The pin that Triton reads."""
    return list(parse_config((versions.folder / "config.pbtxt").read_text()).version_policy.specific.versions)


def test_without_updates_the_highest_version_serves_as_triton_has_it(versions: Versions) -> None:
    assert (versions.serving, versions.previous, versions.present) == (1, None, [1])
    (versions.folder / "7").mkdir()
    assert versions.serving == 7


def test_a_version_that_was_placed_does_not_serve(versions: Versions, place: Callable[[bytes], int]) -> None:
    assert place(b"second") == 2
    assert (versions.folder / "2" / "model.onnx").read_bytes() == b"second"
    assert (versions.serving, served_by_triton(versions)) == (1, [1])


def test_a_commit_makes_it_serve_and_remembers_the_one_before(
    versions: Versions, place: Callable[[bytes], int]
) -> None:
    number = place(b"second")
    versions.commit(number, 1)
    assert (versions.serving, versions.previous, served_by_triton(versions)) == (2, 1, [2])
    versions.commit(1, None)
    assert (versions.serving, versions.previous, served_by_triton(versions)) == (1, None, [1])


def test_each_version_keeps_its_own_configuration(versions: Versions, place: Callable[..., int]) -> None:
    number = place(b"second", 'name: "net"\nmax_batch_size: 8\n')
    versions.commit(number, 1)
    assert versions.config(2).max_batch_size == 8
    assert versions.config(1).max_batch_size == 4
    assert list(versions.config(1).version_policy.specific.versions) == [1]
    versions.commit(1, None)
    text = (versions.folder / "config.pbtxt").read_text()
    assert text.startswith(CONFIG)
    assert parse_config(text).max_batch_size == 4


def test_a_repository_that_was_pinned_by_hand_is_understood(versions: Versions, place: Callable[[bytes], int]) -> None:
    (versions.folder / "3").mkdir()
    (versions.folder / "config.pbtxt").write_text(f"{CONFIG}version_policy {{ specific {{ versions: [1] }} }}\n")
    assert versions.serving == 1
    number = place(b"fourth")
    versions.commit(number, 1)
    assert (number, versions.serving, versions.previous) == (4, 4, 1)


def test_old_versions_go_but_for_the_last_and_what_the_build_made(
    versions: Versions, place: Callable[[bytes], int]
) -> None:
    for content in (b"second", b"third", b"fourth"):
        versions.commit(place(content), versions.serving)
        versions.prune()
    assert versions.present == [1, 3, 4]


def test_a_previous_version_that_was_removed_is_none(versions: Versions, place: Callable[[bytes], int]) -> None:
    versions.commit(place(b"second"), 1)
    versions.commit(place(b"third"), 2)
    versions.discard(2)
    assert versions.previous is None


def test_what_is_left_half_written_is_no_version(versions: Versions, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        versions.place({"model.onnx": tmp_path / "missing"}, CONFIG, tmp_path)
    assert (versions.present, versions.serving) == ([1], 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["models"]


def test_two_cannot_update_a_model_at_a_time(versions: Versions) -> None:
    with versions.locked(), pytest.raises(RefusedError, match="BUSY"), Versions(versions.folder).locked():
        pass
    with versions.locked():
        pass
