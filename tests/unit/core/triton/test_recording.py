"""A few requests are kept for those who try another version; never so that a caller would notice."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest

from sensorium_core.errors import InternalError
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import ModelCatalog, Recorder, TritonClient
from unit.core.triton.scripted import SPEC, ScriptedTriton

X = np.array([[1, 2, 3]], np.int16)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Lets a second pass."""
    clock = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: clock)

    def pass_a_second() -> None:
        nonlocal clock
        clock += 1.0

    return pass_a_second


def kept(folder: Path) -> list[dict[str, Any]]:
    files = sorted(folder.glob("*.npz"), key=lambda file: file.stat().st_mtime_ns)
    return [dict(np.load(file, allow_pickle=False)) for file in files]


async def test_a_request_is_kept_as_it_was_sent_for_nobody_else_to_read(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "canary", 4)
    recorder.offer("net", {"x": X, "boost": np.array([[0.5]], np.float32)})
    await recorder.finish()
    (record,) = kept(tmp_path / "canary" / "net")
    np.testing.assert_array_equal(record["x"], X)
    assert record["boost"].dtype == np.float32
    (file,) = (tmp_path / "canary" / "net").iterdir()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


async def test_one_a_second_until_there_are_enough_also_from_before(
    tmp_path: Path, later: Callable[[], None], logs: list[Any]
) -> None:
    for _ in range(2):  # as by a service that is started again
        recorder = Recorder(tmp_path, 3)
        for number in range(4):
            for _ in range(5):
                recorder.offer("net", {"x": X + number})
                await recorder.finish()
            later()
    assert len(kept(tmp_path / "net")) == 3
    assert [record["x"][0, 0] for record in kept(tmp_path / "net")] == [1, 2, 3]
    assert [entry["event"] for entry in logs] == ["enough requests recorded"] * 2


async def test_models_are_kept_apart(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, 4)
    for model in ("net", "other"):
        recorder.offer(model, {"x": X})
        await recorder.finish()
    assert len(kept(tmp_path / "net")) == len(kept(tmp_path / "other")) == 1


async def test_what_is_too_large_is_left_out(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, 4)
    recorder.offer("net", {"x": np.zeros((1, 16 * 1024 * 1024 + 1), np.uint8)})
    await recorder.finish()
    assert not (tmp_path / "net").exists()


async def test_a_folder_that_cannot_be_written_is_told_once_in_the_log(
    tmp_path: Path, later: Callable[[], None], logs: list[Any]
) -> None:
    (tmp_path / "file").write_text("")
    recorder = Recorder(tmp_path / "file", 4)
    for _ in range(3):
        recorder.offer("net", {"x": X})
        await recorder.finish()
        later()
    assert [entry["event"] for entry in logs] == ["requests are not recorded"]


async def test_a_catalog_keeps_what_was_answered(
    client: TritonClient, triton: ScriptedTriton, metrics: Metrics, tmp_path: Path
) -> None:
    recorder = Recorder(tmp_path, 4)
    model = ModelCatalog(client, [SPEC], metrics, recorder=recorder)["doubler"]
    triton.failures["ModelInfer"] = (grpc.StatusCode.INTERNAL, "no")
    with pytest.raises(InternalError):
        await model.infer({"x": X})
    triton.failures.clear()
    await model.infer({"x": X})
    await recorder.finish()
    (record,) = kept(tmp_path / "doubler")
    np.testing.assert_array_equal(record["x"], X)
