import asyncio
from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import pytest

from sensorium_core.errors import NotFoundError
from sensorium_core.limits import BoundedExecutor
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import ModelCatalog, ModelDescription
from sensorium_vision.codes import CodeReader
from sensorium_vision.domain import Picture, Pixels, ReadCodesOptions, Symbology
from services.vision.codes.drawing import colour, qr

LABELS = ("qr", "data_matrix")


class Detector:
    """Stands for the served network and for the catalog that holds it: gives the boxes it was told."""

    description = ModelDescription(labels=LABELS, max_batch=8)

    def __init__(self, *boxes: tuple[float, float, float, float, float, float]) -> None:
        rows = np.zeros((1, 100, 6), np.float32)
        rows[0, : len(boxes)] = np.array(boxes, np.float32).reshape(-1, 6)
        self._rows = rows

    def get(self, name: str, *, default: str, among: list[str], field: str) -> "Detector":
        if name not in ("", default):
            raise NotFoundError("no such model", reason="MODEL_NOT_FOUND")
        return self

    async def infer(self, inputs: dict[str, Pixels]) -> dict[str, Any]:
        assert inputs["image"].shape == (1, 640, 640, 3)
        rows = self._rows
        return {"boxes": rows[..., :4], "scores": rows[..., 4], "classes": rows[..., 5].astype(np.int32)}


@pytest.fixture
def work() -> Iterator[BoundedExecutor]:
    with BoundedExecutor(2, 10, Metrics()) as executor:
        yield executor


def scene() -> Pixels:
    """640 x 640 with a QR code at 50 to 182 and noise at 400 to 500."""
    pixels = np.full((640, 640, 3), 255, np.uint8)
    code = colour(qr("SN 1"))
    pixels[34 : 34 + code.shape[0], 34 : 34 + code.shape[1]] = code
    pixels[400:500, 400:500] = np.random.default_rng(0).integers(0, 256, (100, 100, 3), np.uint8)
    return pixels


QR = (50.0, 50.0, 134.0, 134.0, 0.75, 0.0)
NOISE = (400.0, 400.0, 500.0, 500.0, 0.5, 1.0)


def read(
    work: BoundedExecutor, detector: Detector, *, offset: tuple[int, int] = (0, 0), **options: Any
) -> list[tuple[Symbology, str, bool, float]]:
    reader = CodeReader(cast(ModelCatalog, detector), work)
    codes = asyncio.run(reader.read(Picture(scene(), offset, (2000, 2000)), ReadCodesOptions(**options)))
    return [(code.symbology, code.text, code.readable, code.detection_score) for code in codes]


def test_a_code_that_both_find_is_one_code(work: BoundedExecutor) -> None:
    assert read(work, Detector(QR)) == [(Symbology.QR_CODE, "SN 1", True, 0.75)]


def test_a_code_that_only_the_decoder_finds(work: BoundedExecutor) -> None:
    assert read(work, Detector()) == [(Symbology.QR_CODE, "SN 1", True, 0.0)]


def test_what_cannot_be_decoded_is_told_when_asked_for(work: BoundedExecutor) -> None:
    assert len(read(work, Detector(QR, NOISE))) == 1
    codes = read(work, Detector(QR, NOISE), include_unreadable=True)
    assert codes[1] == (Symbology.DATA_MATRIX, "", False, 0.5)


def test_only_the_symbologies_asked_for(work: BoundedExecutor) -> None:
    assert read(work, Detector(QR), symbologies=frozenset({Symbology.AZTEC})) == []
    assert len(read(work, Detector(QR), symbologies=frozenset({Symbology.AZTEC, Symbology.QR_CODE}))) == 1


def test_outlines_are_in_the_original_picture(work: BoundedExecutor) -> None:
    reader = CodeReader(cast(ModelCatalog, Detector(QR)), work)
    picture = Picture(scene(), (1000, 200), (2000, 2000))
    (code,) = asyncio.run(reader.read(picture, ReadCodesOptions()))
    assert np.abs(code.polygon[0] - (1050, 250)).max() <= 2


def test_an_unknown_model_is_refused(work: BoundedExecutor) -> None:
    with pytest.raises(NotFoundError):
        CodeReader(cast(ModelCatalog, Detector()), work).check(ReadCodesOptions(model="other"))


class Counting(BoundedExecutor):
    """Tells when as many jobs have begun as were waited for."""

    def __init__(self, awaited: int) -> None:
        super().__init__(1, 10, Metrics())
        self.jobs = 0
        self.reached = asyncio.Event()
        self._awaited = awaited

    async def run(self, *args: Any, **kwargs: Any) -> Any:
        self.jobs += 1
        if self.jobs == self._awaited:
            self.reached.set()
        return await super().run(*args, **kwargs)


async def test_every_box_is_a_job_of_its_own_so_that_a_caller_who_leaves_ends_the_work() -> None:
    boxes = [(x * 30.0, 300.0, x * 30.0 + 20, 320.0, 0.9, 0.0) for x in range(20)]
    with Counting(awaited=5) as work:
        reader = CodeReader(cast(ModelCatalog, Detector(*boxes)), work)
        reading = asyncio.create_task(reader.read(Picture(scene(), (0, 0), (640, 640)), ReadCodesOptions()))
        await work.reached.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert work.jobs == 5
