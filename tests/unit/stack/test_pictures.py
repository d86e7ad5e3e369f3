from __future__ import annotations

import importlib.util

import cv2
import numpy as np
import pytest
import zxingcpp

from sensorium_client.stack.labels import PART_TEXT, QR_TEXT
from sensorium_client.stack.pictures import (
    PictureError,
    encode,
    nameplate,
    photograph,
    rotate,
)
from sensorium_client.stack.samples import SAMPLES, sample


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_rgb_and_always_the_same(name: str) -> None:
    picture = sample(name)
    assert picture.dtype == np.uint8
    assert picture.ndim == 3
    assert picture.shape[2] == 3
    assert np.array_equal(picture, sample(name))


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("qr-code", {QR_TEXT}),
        ("qr-code-blurred", {QR_TEXT}),
        ("part-label", {PART_TEXT, f"PN{PART_TEXT}"}),
    ],
)
def test_the_codes_can_be_read(name: str, texts: set[str]) -> None:
    assert {code.text for code in zxingcpp.read_barcodes(sample(name))} == texts


def test_quarters_keep_every_pixel() -> None:
    plate = nameplate()
    assert np.array_equal(rotate(plate, 180), plate[::-1, ::-1])
    assert np.array_equal(rotate(rotate(plate, 90), -90), plate)


def test_rotation_is_clockwise() -> None:
    picture = np.zeros((100, 400, 3), np.uint8)
    picture[:, 300:] = 255  # the right end is white: clockwise it goes down
    rows = np.nonzero((rotate(picture, 20) == 255).all(axis=2))[0]
    assert rows.mean() > rotate(picture, 20).shape[0] / 2


def test_a_longer_text_makes_a_wider_plate() -> None:
    assert nameplate(["A" * 40]).shape[1] > nameplate(["A" * 10]).shape[1]


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".tiff", ".webp"])
def test_a_file_holds_the_picture(suffix: str) -> None:
    picture = photograph("coffee")
    decoded = cv2.imdecode(np.frombuffer(encode(picture, suffix), np.uint8), cv2.IMREAD_COLOR_RGB)
    assert decoded is not None
    assert np.abs(decoded.astype(int) - picture.astype(int)).mean() < 6


def test_what_cannot_be_made_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PictureError, match="suffix"):
        encode(photograph("coffee"), ".xyz")
    with pytest.raises(PictureError, match="no picture 'tea'"):
        photograph("tea")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(PictureError, match=r"pip install 'sensorium\[dev\]'"):
        photograph("coffee")
