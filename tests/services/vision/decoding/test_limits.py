import struct
import tracemalloc
import zlib

import pytest

from sensorium_core.errors import InvalidInputError
from sensorium_vision.decoding import ImageLimits, read_header
from sensorium_vision.decoding._limits import check_region
from sensorium_vision.domain import EncodedImage, ImageSource, PixelFormat, RawFrame, Region
from services.vision import files


def header_refusal(data: bytes) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        read_header(ImageSource(EncodedImage(data)), files.LIMITS)
    return caught.value


@pytest.mark.parametrize(("width", "height"), [(100, 50), (50, 100), (1, 100), (100, 1), (70, 71)])
def test_sizes_up_to_the_limits_pass(width: int, height: int) -> None:
    ImageLimits(max_pixels=5000, max_side=100).check("image.encoded", width, height)


@pytest.mark.parametrize(("width", "height"), [(101, 1), (1, 101), (71, 71), (2**31 - 1, 2**31 - 1)])
def test_larger_sizes_are_refused(width: int, height: int) -> None:
    with pytest.raises(InvalidInputError) as caught:
        ImageLimits(max_pixels=5000, max_side=100).check("image.encoded", width, height)
    error = caught.value
    assert error.reason == "IMAGE_TOO_LARGE"
    assert error.violations[0].field == "image.encoded"
    assert error.metadata == {"max_pixels": "5000", "max_side": "100"}
    assert f"{width} x {height}" in error.message


@pytest.mark.parametrize("region", [(0, 0, 10, 5), (9, 4, 1, 1), (3, 2, 7, 3)])
def test_regions_inside_pass(region: tuple[int, int, int, int]) -> None:
    check_region(Region(*region), 10, 5)


@pytest.mark.parametrize(
    "region", [(0, 0, 11, 5), (0, 0, 10, 6), (10, 0, 1, 1), (0, 5, 1, 1), (2**31 - 1, 0, 2**31 - 1, 1)]
)
def test_regions_that_reach_outside_are_refused(region: tuple[int, int, int, int]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_region(Region(*region), 10, 5)
    assert caught.value.reason == "REGION_OUTSIDE_IMAGE"
    assert caught.value.violations[0].field == "image.region"


def test_the_size_of_a_raw_frame_is_checked_before_its_data() -> None:
    frame = RawFrame(32_768, 32_768, 0, PixelFormat.MONO8, b"\0")
    with pytest.raises(InvalidInputError) as caught:
        read_header(ImageSource(frame), files.LIMITS)
    assert caught.value.reason == "IMAGE_TOO_LARGE"
    assert caught.value.violations[0].field == "image.raw_frame"


TEXT = b"key\0" + b"a" * 100
PHOTOGRAPH = files.saved(files.smooth_picture(), "JPEG")
BOMB = zlib.compress(bytes(10**8), 9)
SMALL_BOMB = zlib.compress(bytes(10**6), 9)
ENDLESS = {
    "PNG of many chunks": files.black_png(4, 4, files.png_chunk(b"abCd", b"") * 1_000_000),
    "PNG of many texts": files.black_png(4, 4, files.png_chunk(b"tEXt", b"k\0a") * 500_000),
    "PNG with a text bomb": files.black_png(4, 4, files.png_chunk(b"zTXt", b"k\0\0" + BOMB)),
    "PNG with a thousand text bombs": files.black_png(4, 4, files.png_chunk(b"zTXt", b"k\0\0" + SMALL_BOMB) * 1000),
    "PNG with a colour profile bomb": files.black_png(4, 4, files.png_chunk(b"iCCP", b"k\0\0" + BOMB)),
    "JPEG of many comments": b"\xff\xd8" + b"\xff\xfe\0\2" * 1_000_000 + PHOTOGRAPH[2:],
    "JPEG of fill bytes": b"\xff\xd8" + b"\xff" * 8_000_000 + PHOTOGRAPH[2:],
    "JPEG of many scans": files.progressive_jpeg(7992, 7992, 20_000),
    "TIFF of many tags": files.tiff(*[(number, 3, 1, 1) for number in range(1000, 61_000)]),
    "TIFF whose tags share a megabyte": files.tiff(*[(n, 1, 900_000, 0) for n in range(1000, 61_000)]) + bytes(10**6),
    "BigTIFF of many tags": files.tiff(*[(40_000, 3, 1, 1)] * 500_000, big=True),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDLESS)
@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow warns of TIFFs like these
def test_a_file_of_endless_parts_is_refused_at_once(name: str) -> None:
    data = ENDLESS[name]
    assert files.fastest(lambda: header_refusal(data)) < 1.0
    tracemalloc.start()
    try:
        error = header_refusal(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert error.reason == "IMAGE_CORRUPT"
    assert error.violations[0].field == "image.encoded"
    assert peak < 2 * len(data) + 70_000_000  # Pillow allows compressed texts 64 MB in all


def test_a_png_of_a_few_bytes_that_announces_a_huge_chunk_is_refused_at_once() -> None:
    png = files.black_png(4, 4)
    for kind in (b"IDAT", b"tRNS", b"abCd", b"IEND"):
        assert header_refusal(png[:33] + struct.pack(">I", 2**31 - 1) + kind + b"x" * 50).reason == "IMAGE_CORRUPT"


HUGE = {
    "PNG": files.png(30_000, 30_000, rows=bytes(10**6)),
    "PNG of the largest size": files.png(2**31 - 1, 2**31 - 1),
    "JPEG": files.progressive_jpeg(65_535, 65_535, 1)[:2000],
    "BMP": b"BM" + struct.pack("<IIIIiiHHIIIIII", 54, 0, 54, 40, 30_000, 30_000, 1, 24, 0, 0, 0, 0, 0, 0),
    "BMP upside down": b"BM" + struct.pack("<IIIIiiHHIIIIII", 54, 0, 54, 40, 30_000, -30_000, 1, 24, 0, 0, 0, 0, 0, 0),
    "TIFF": files.tiff(size=30_000),
    "WebP": files.animated_webp(16_383, 16_383),
    "WebP of the longest side": files.animated_webp(2**24, 200),
    "a long thin PNG": files.png(1_000_000, 60),
}  # fmt: skip


@pytest.mark.parametrize("name", HUGE)
def test_a_small_file_of_a_huge_picture_is_refused_by_its_header(name: str) -> None:
    assert len(HUGE[name]) < 5000
    assert files.fastest(lambda: header_refusal(HUGE[name])) < 0.2
    error = header_refusal(HUGE[name])
    assert error.reason == "IMAGE_TOO_LARGE"
    assert error.violations[0].field == "image.encoded"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(files.tiff(next_directory=64), id="directories in a circle"),
        pytest.param(files.tiff((40_000, 3, 2**32 - 1, 1)), id="a tag of four billion values"),
        pytest.param(files.tiff((40_000, 7, 2**31, 2**31)), id="a value behind the end"),
        pytest.param(files.tiff(big=True), id="BigTIFF"),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow warns of TIFFs like these
def test_odd_tiff_files_are_read(data: bytes) -> None:
    assert files.decoded(data).pixels.shape == (4, 4, 3)


def test_real_files_stay_below_the_bounds_on_their_parts() -> None:
    assert files.decoded(files.progressive_jpeg(80, 80, 100)).size == (80, 80)
    assert files.decoded(files.black_png(4, 4, files.png_chunk(b"tEXt", TEXT) * 10_000)).size == (4, 4)
    assert files.decoded(b"\xff\xd8" + b"\xff\xe5\xff\xff" + bytes(65_533) + PHOTOGRAPH[2:]).size == (48, 36)
    assert files.decoded(files.animated_webp(8, 8, frames=1000)).size == (8, 8)
