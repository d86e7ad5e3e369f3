import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from sensorium_core.errors import InvalidInputError
from sensorium_vision.decoding import ImageLimits, decode, read_header
from sensorium_vision.domain import EncodedImage, ImageSource
from services.vision import files

PICTURE = files.smooth_picture()
ORIGINALS = [
    files.saved(PICTURE, "JPEG"),
    files.saved(PICTURE, "JPEG", progressive=True),
    files.saved(PICTURE, "PNG"),
    files.saved(Image.fromarray(PICTURE).quantize(16), "PNG"),
    files.saved(PICTURE, "BMP"),
    files.saved(Image.fromarray(PICTURE).quantize(16), "BMP"),
    files.saved(PICTURE, "TIFF"),
    files.saved(PICTURE, "TIFF", compression="tiff_lzw"),
    files.saved(PICTURE, "TIFF", compression="jpeg"),
    files.saved(PICTURE, "TIFF", big_tiff=True),
    files.tiff(),
    files.saved(PICTURE, "WEBP"),
    files.saved(PICTURE, "WEBP", lossless=True),
    files.animated_webp(8, 8, 3),
    files.progressive_jpeg(64, 64, 5),
]  # fmt: skip
# Pillow warns of some of these files; libpng writes to the console and cannot be told not to.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
LIMITS = ImageLimits(max_pixels=1_000_000, max_side=10_000)


def assert_pixels_or_refusal(data: bytes) -> None:
    source = ImageSource(EncodedImage(data))
    refusal = None
    try:
        header = read_header(source, LIMITS)
        pixels = decode(source, header).pixels
    except InvalidInputError as error:
        refusal = error
    if refusal is None:
        assert pixels.shape == (header.height, header.width, 3)
        assert pixels.dtype == np.uint8
    else:
        assert refusal.reason in {"IMAGE_CORRUPT", "IMAGE_FORMAT_UNSUPPORTED", "IMAGE_TOO_LARGE"}
        assert [violation.field for violation in refusal.violations] == ["image.encoded"]


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(ORIGINALS)))
    # Most of what matters lies at the beginning of a file, or at the end of a TIFF.
    places = st.one_of(st.integers(0, 100), st.integers(0, len(data) - 1), st.integers(len(data) - 200, len(data) - 1))
    for place in draw(st.lists(places, max_size=8)):
        data[max(0, min(place, len(data) - 1))] = draw(st.integers(0, 255))
    start, length = draw(places), draw(st.sampled_from([0, 0, 1, 4, 50]))
    data[start : start + length] = draw(st.binary(max_size=8)) if length else b""
    return bytes(data[: draw(st.one_of(st.none(), places))])


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(damaged_files())
def test_a_damaged_file_gives_pixels_or_is_refused_in_bounded_time(data: bytes) -> None:
    assert files.fastest(lambda: assert_pixels_or_refusal(data)) < 1.0


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"II*\0", b"MM\0*", b"II+\0", b"RIFF....WEBP", b""]),
    st.binary(max_size=200),
)
def test_arbitrary_bytes_are_refused(magic: bytes, rest: bytes) -> None:
    assert_pixels_or_refusal(magic + rest)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.sampled_from(["PNG", "BMP", "JPEG", "TIFF", "WEBP"]))
def test_any_declared_size_gives_pixels_or_is_refused(width: int, height: int, file_format: str) -> None:
    assert_pixels_or_refusal(_declaring(width, height, file_format))


def _declaring(width: int, height: int, file_format: str) -> bytes:
    if file_format == "PNG":
        return files.png(width, height)
    if file_format == "JPEG":
        return files.progressive_jpeg(width % 2**16, height % 2**16, 1)[:500]
    if file_format == "TIFF":
        return files.tiff(size=width)
    if file_format == "WEBP":
        return files.animated_webp(width % 2**24 + 1, height % 2**24 + 1)
    return b"BM" + struct.pack("<IIIIIIHHIIIIII", 54, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
