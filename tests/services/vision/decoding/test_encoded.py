from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from sensorium_core.errors import InvalidInputError
from sensorium_vision.domain import Pixels, Region
from services.vision import files

PICTURE = files.smooth_picture()
BGR = PICTURE[:, :, ::-1]
RGB = Image.fromarray(PICTURE)
GREY = RGB.convert("L")
RGBA = Image.merge("RGBA", (*RGB.split(), GREY))

# What was done to the picture that EXIF tells to undo, by its orientation.
STORED: dict[int, Callable[[Pixels], Pixels]] = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.transpose(1, 0, 2),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: upright[::-1, ::-1].transpose(1, 0, 2),
    8: lambda upright: np.rot90(upright, -1),
}
LOSSLESS: dict[str, dict[str, Any]] = {"PNG": {}, "TIFF": {}, "BMP": {}, "WEBP": {"lossless": True}}
LOSSY: dict[str, dict[str, Any]] = {"JPEG": {"quality": 100, "subsampling": 0}}


def refusal(data: bytes, region: Region | None = None) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        files.decoded(data, region)
    return caught.value


def assert_refused(data: bytes, reason: str) -> None:
    error = refusal(data)
    assert error.reason == reason
    assert [violation.field for violation in error.violations] == ["image.encoded"]


@pytest.mark.parametrize("file_format", LOSSLESS)
def test_lossless_formats_give_the_very_pixels(file_format: str) -> None:
    picture = files.decoded(files.saved(PICTURE, file_format, **LOSSLESS[file_format]))
    assert_array_equal(picture.pixels, PICTURE)
    assert picture.pixels.dtype == np.uint8
    assert (picture.size, picture.offset) == ((48, 36), (0, 0))


@pytest.mark.parametrize(
    "options", [{"quality": 95}, {"quality": 95, "progressive": True}], ids=["plain", "progressive"]
)
def test_jpeg(options: dict[str, int]) -> None:
    assert_close(files.decoded(files.saved(PICTURE, "JPEG", **options)).pixels, PICTURE)


def assert_close(actual: Pixels, expected: Pixels, most: int = 12) -> None:
    assert actual.shape == expected.shape
    assert np.abs(actual.astype(int) - expected).max() <= most


def as_rgb(image: Image.Image) -> Pixels:
    return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(files.saved(GREY, "PNG"), as_rgb(GREY), id="grey PNG"),
        pytest.param(files.saved(GREY.convert("LA"), "PNG"), as_rgb(GREY), id="grey PNG with alpha"),
        pytest.param(files.saved(RGBA, "PNG"), PICTURE, id="PNG with alpha"),
        pytest.param(files.saved(RGBA, "WEBP", lossless=True, exact=True), PICTURE, id="WebP with alpha"),
        pytest.param(files.saved(RGBA, "BMP"), PICTURE, id="BMP with alpha"),
        pytest.param(files.saved(RGB.quantize(16), "PNG"), as_rgb(RGB.quantize(16)), id="palette PNG"),
        pytest.param(
            files.saved(RGB.quantize(16), "PNG", transparency=3), as_rgb(RGB.quantize(16)), id="palette PNG with alpha"
        ),
        pytest.param(files.saved(RGB.quantize(16), "BMP"), as_rgb(RGB.quantize(16)), id="palette BMP"),
        pytest.param(files.saved(RGB.quantize(16), "TIFF"), as_rgb(RGB.quantize(16)), id="palette TIFF"),
        pytest.param(files.saved(RGB.convert("1"), "PNG"), as_rgb(RGB.convert("1")), id="1-bit PNG"),
        pytest.param(files.saved(RGB.convert("1"), "BMP"), as_rgb(RGB.convert("1")), id="1-bit BMP"),
        pytest.param(files.saved(RGB.convert("1"), "TIFF"), as_rgb(RGB.convert("1")), id="1-bit TIFF"),
        pytest.param(
            files.saved(RGB.convert("1"), "TIFF", compression="group4"), as_rgb(RGB.convert("1")), id="fax TIFF"
        ),
        pytest.param(files.saved(GREY, "TIFF"), as_rgb(GREY), id="grey TIFF"),
        pytest.param(files.saved(RGB, "TIFF", compression="tiff_lzw"), PICTURE, id="LZW TIFF"),
        pytest.param(files.saved(RGB, "TIFF", compression="tiff_adobe_deflate"), PICTURE, id="deflated TIFF"),
        pytest.param(files.saved(RGB, "TIFF", big_tiff=True), PICTURE, id="BigTIFF"),
        pytest.param(files.saved(RGB.convert("CMYK"), "TIFF"), PICTURE, id="CMYK TIFF"),
        pytest.param(cv2.imencode(".png", BGR.astype(np.uint16) * 257)[1].tobytes(), PICTURE, id="16-bit PNG"),
        pytest.param(cv2.imencode(".tiff", BGR.astype(np.uint16) * 257)[1].tobytes(), PICTURE, id="16-bit TIFF"),
        pytest.param(files.saved(np.asarray(GREY, np.uint16) * 257, "PNG"), as_rgb(GREY), id="16-bit grey PNG"),
        pytest.param(files.saved(np.asarray(GREY, np.uint16) * 257, "TIFF"), as_rgb(GREY), id="16-bit grey TIFF"),
    ],
)  # fmt: skip
def test_every_kind_of_sample_becomes_rgb_of_8_bits(data: bytes, expected: Pixels) -> None:
    assert_close(files.decoded(data).pixels, expected, most=1)


def test_cmyk_and_grey_jpeg() -> None:
    assert_close(files.decoded(files.saved(RGB.convert("CMYK"), "JPEG", quality=100)).pixels, PICTURE)
    assert_close(files.decoded(files.saved(GREY, "JPEG", quality=100)).pixels, as_rgb(GREY))


@pytest.mark.parametrize("file_format", ["TIFF", "PNG", "WEBP", "MPO"])
def test_of_several_pictures_in_a_file_the_first_is_taken(file_format: str) -> None:
    second = Image.new("RGB", RGB.size, (10, 200, 30))
    options_of: dict[str, dict[str, Any]] = {"WEBP": {"lossless": True}, "MPO": {"quality": 100}}
    data = files.saved(RGB, file_format, save_all=True, append_images=[second], **options_of.get(file_format, {}))
    assert_close(files.decoded(data).pixels, PICTURE)


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_every_orientation_gives_the_same_upright_picture(file_format: str, orientation: int) -> None:
    data = oriented(file_format, orientation)
    picture = files.decoded(data)
    assert_close(picture.pixels, PICTURE)
    assert picture.size == (48, 36)


def oriented(file_format: str, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[274] = orientation
    stored = np.ascontiguousarray(STORED[orientation](PICTURE))
    return files.saved(stored, file_format, exif=exif, **{**LOSSLESS, **LOSSY}[file_format])


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_region_is_one_of_the_upright_picture(file_format: str, orientation: int) -> None:
    data = oriented(file_format, orientation)
    picture = files.decoded(data, Region(40, 10, 8, 20))
    assert_close(picture.pixels, PICTURE[10:30, 40:48])
    assert (picture.offset, picture.size) == ((40, 10), (48, 36))
    assert picture.pixels.flags.c_contiguous
    error = refusal(data, Region(0, 30, 20, 8))  # would lie inside if the picture stood on its side
    assert error.reason == "REGION_OUTSIDE_IMAGE"
    assert error.violations[0].field == "image.region"


EXIF = b"Exif\0\0"


@pytest.mark.parametrize("file_format", ["JPEG", "WEBP"])
@pytest.mark.parametrize(
    "exif",
    [
        pytest.param(EXIF + b"garbage", id="garbage"),
        pytest.param(EXIF, id="empty"),
        pytest.param(EXIF + b"II*\0\xff\xff\xff\xff", id="directory outside"),
        pytest.param(EXIF + b"II*\0\x08\0\0\0\xff\xff\x12\x01\x03\0\x01\0\0\0\x01\0\0\0", id="absurd count"),
        pytest.param(EXIF + b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x09\0\0\0\0\0\0\0", id="orientation 9"),
        pytest.param(EXIF + b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x02\0\0\0\x04abc\0\0\0\0\0", id="orientation in letters"),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow warns of EXIF data like this
def test_damaged_exif_data_does_not_spoil_a_picture(file_format: str, exif: bytes) -> None:
    data = files.saved(PICTURE, file_format, exif=exif)
    assert files.decoded(data).size == (48, 36)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\0", id="a byte"),
        pytest.param(b"The quick brown fox jumps over the lazy dog.\n" * 20, id="text"),
        pytest.param(b"%PDF-1.7\n", id="PDF"),
        pytest.param(b"RIFF\x24\0\0\0WAVEfmt ", id="sound"),
        pytest.param(files.saved(RGB.quantize(16), "GIF"), id="GIF"),
        pytest.param(files.saved(RGB, "PPM"), id="PPM"),
        pytest.param(files.saved(RGB, "JPEG2000"), id="JPEG 2000"),
        pytest.param(files.saved(RGB, "ICO"), id="ICO"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="SVG"),
    ],
)
def test_what_is_no_picture_is_named_so(data: bytes) -> None:
    assert_refused(data, "IMAGE_FORMAT_UNSUPPORTED")


@pytest.mark.parametrize("kept", [0.99, 0.5, 0.1])
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "BMP", "TIFF", "WEBP"])
@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow warns of a TIFF that ends too soon
def test_what_is_cut_short_is_refused(file_format: str, kept: float) -> None:
    data = files.saved(PICTURE, file_format)
    assert_refused(data[: int(len(data) * kept)], "IMAGE_CORRUPT")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(files.saved(Image.fromarray(np.zeros((4, 4), np.float32)), "TIFF"), id="floating point"),
        pytest.param(files.saved(Image.fromarray(np.zeros((4, 4), np.int32)), "TIFF"), id="32 bits"),
        pytest.param(cv2.imencode(".tiff", PICTURE.astype(np.float32))[1].tobytes(), id="floating point colours"),
    ],
)
def test_samples_that_are_not_read_are_named_in_the_error(data: bytes) -> None:
    assert_refused(data, "IMAGE_CORRUPT")
    assert "1 to 16 bits" in refusal(data).message


def test_bytes_after_the_picture_do_not_matter() -> None:
    for file_format in ("JPEG", "PNG", "BMP", "WEBP"):
        assert files.decoded(files.saved(PICTURE, file_format) + b"trailer" * 9).size == (48, 36)
