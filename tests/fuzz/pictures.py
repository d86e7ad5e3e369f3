"""Pictures: encoded ones of every format, raw frames, and the codes in what comes out."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Sequence

import cv2
import numpy as np
import segno
from PIL import Image

from fuzz.target import Target, damaged
from sensorium_core.errors import InvalidInputError
from sensorium_vision.codes._decoding import decode_picture
from sensorium_vision.decoding import ImageLimits, decode, read_header
from sensorium_vision.domain import EncodedImage, ImageSource, PixelFormat, RawFrame, Region
from services.vision import files

LIMITS = ImageLimits(max_pixels=1_000_000, max_side=10_000)
_REFUSALS = {"IMAGE_CORRUPT", "IMAGE_FORMAT_UNSUPPORTED", "IMAGE_TOO_LARGE"}
_RAW_REFUSALS = {"RAW_FRAME_STRIDE", "RAW_FRAME_SIZE", "RAW_FRAME_FORMAT", "IMAGE_TOO_LARGE", "REGION_OUTSIDE_IMAGE"}
_PICTURE = files.smooth_picture()
_GREY = _PICTURE[:, :, 0].copy()


def _take(data: bytes) -> None:
    source = ImageSource(EncodedImage(data))
    try:
        header = read_header(source, LIMITS)
        pixels = decode(source, header).pixels
    except InvalidInputError as error:
        assert error.reason in _REFUSALS
        return
    assert pixels.shape == (header.height, header.width, 3)
    assert pixels.dtype == np.uint8


def _encoded(
    seeds: Callable[[], Sequence[bytes]], mutate: Callable[[bytes, random.Random], bytes] | None = None
) -> Target:
    # A million pixels are 3 MiB; decoders hold a picture several times, and a file of 16-bit RGBA twice as wide.
    return Target(_take, seeds, seconds=2.0, mebibytes=48.0, mutate=mutate)


def _jpegs() -> Sequence[bytes]:
    exif = Image.Exif()
    exif[274] = 6
    return [
        files.saved(_PICTURE, "JPEG"),
        files.saved(_PICTURE, "JPEG", progressive=True, quality=40),
        files.saved(_PICTURE, "JPEG", exif=exif, subsampling=0),
        files.saved(_GREY, "JPEG"),
        files.saved(Image.fromarray(_PICTURE).convert("CMYK"), "JPEG"),
        files.saved(_PICTURE, "JPEG", restart_marker_blocks=2, comment=b"hello"),
        files.progressive_jpeg(64, 64, 5),
    ]


def _pngs() -> Sequence[bytes]:
    image = Image.fromarray(_PICTURE)
    text = files.png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 1000))
    return [
        files.saved(_PICTURE, "PNG"),
        files.saved(_GREY, "PNG"),
        files.saved(image.quantize(16), "PNG", transparency=3),
        files.saved(image.convert("RGBA"), "PNG"),
        files.saved(image.convert("1"), "PNG"),
        files.saved(_GREY.astype(np.uint16) * 257, "PNG"),
        files.saved(image, "PNG", save_all=True, append_images=[image.rotate(90)]),
        files.black_png(8, 8, text, files.png_chunk(b"eXIf", b"II*\0\x08\0\0\0\0\0")),
    ]


def _bmps() -> Sequence[bytes]:
    image = Image.fromarray(_PICTURE)
    encoded = cv2.imencode(".bmp", _PICTURE)[1].tobytes()
    runs = struct.pack("<IHHI", 100, 0, 0, 54 + 1024) + struct.pack("<IiiHHIIiiII", 40, 4, 4, 1, 8, 1, 20, 0, 0, 256, 0)
    return [
        encoded,
        files.saved(_PICTURE, "BMP"),
        files.saved(image.quantize(16), "BMP"),
        files.saved(image.convert("1"), "BMP"),
        files.saved(image.convert("RGBA"), "BMP"),
        b"BM" + runs + bytes(1024) + b"\x04\x01\0\0" * 4 + b"\0\1",
    ]


def _tiffs() -> Sequence[bytes]:
    image = Image.fromarray(_PICTURE)
    compressions = (None, "tiff_lzw", "jpeg", "tiff_adobe_deflate", "packbits")
    return [
        *(files.saved(_PICTURE, "TIFF", compression=each) for each in compressions),
        files.saved(image.convert("1"), "TIFF", compression="group4"),
        files.saved(_PICTURE, "TIFF", big_tiff=True),
        files.saved(_GREY.astype(np.uint16) * 257, "TIFF"),
        files.saved(image.quantize(16), "TIFF"),
        files.tiff(),
        files.tiff((274, 3, 1, 6)),
        files.tiff(big=True),
    ]


def _webps() -> Sequence[bytes]:
    image = Image.fromarray(_PICTURE)
    return [
        files.saved(_PICTURE, "WEBP"),
        files.saved(_PICTURE, "WEBP", lossless=True),
        files.saved(image.convert("RGBA"), "WEBP", quality=30),
        files.saved(_PICTURE, "WEBP", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0"),
        files.animated_webp(8, 8, 3),
    ]


def _mutate_png(data: bytes, chance: random.Random) -> bytes:
    """Changes the content of chunks and makes their checksums right, or no decoder would look at it."""
    chunks = list(_png_chunks(data))
    if not chunks:
        return damaged(data, chance)
    at = chance.randrange(len(chunks))
    kind, content = chunks[at]
    match chance.randrange(4):
        case 0:
            chunks.insert(at, chance.choice(chunks))
        case 1:
            del chunks[at]
        case 2 if kind == b"IDAT":
            chunks[at] = kind, _recompressed(content, chance)
        case _:
            chunks[at] = kind, damaged(content, chance)
    return data[:8] + b"".join(files.png_chunk(kind, content) for kind, content in chunks)


def _recompressed(content: bytes, chance: random.Random) -> bytes:
    try:
        return zlib.compress(damaged(zlib.decompressobj().decompress(content, 1 << 20), chance))
    except zlib.error:
        return damaged(content, chance)


def _png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    chunks, at = [], 8
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + size]))
        at += 12 + size
    return chunks


# Raw frames: eight bytes of sizes each side before the pixels.
_RAW_HEADER = struct.Struct("<IIIIIIIIBB")


def _take_raw(data: bytes) -> None:
    if len(data) < _RAW_HEADER.size:
        return
    width, height, stride, x, y, w, h, _, kind, has_region = _RAW_HEADER.unpack(data[: _RAW_HEADER.size])
    formats = list(PixelFormat)
    # What the contract's rules let through.
    if not (0 < width < 1 << 31 and 0 < height < 1 << 31 and w and h):
        return
    frame = RawFrame(width, height, stride, formats[kind % len(formats)], data[_RAW_HEADER.size :])
    source = ImageSource(frame, Region(x, y, w, h) if has_region & 1 else None)
    try:
        header = read_header(source, LIMITS)
        pixels = decode(source, header).pixels
    except InvalidInputError as error:
        assert error.reason in _RAW_REFUSALS
        return
    expected = (h, w, 3) if has_region & 1 else (height, width, 3)
    assert pixels.shape == expected
    assert pixels.dtype == np.uint8


def _raw_seeds() -> Sequence[bytes]:
    seeds = []
    for number, pixel_format in enumerate(PixelFormat):
        row = 6 * pixel_format.bytes_per_pixel
        for gap in (0, 2):
            sizes = _RAW_HEADER.pack(6, 4, row + gap if gap else 0, 1, 1, 2, 2, 0, number, gap)
            seeds.append(sizes + bytes(range(4 * (row + gap)))[: 4 * (row + gap)])
    return seeds


def _take_codes(data: bytes) -> None:
    if len(data) < 2:
        return
    width = min(data[0] + 1, 128)
    rows = np.frombuffer(data, np.uint8, offset=1)
    height = min(len(rows) // width, 512)
    if not height:
        return
    grey = np.ascontiguousarray(rows[: width * height].reshape(height, width))
    for code in decode_picture(np.dstack((grey, grey, grey))):
        assert np.isfinite(code.polygon).all()
        code.text.encode()  # what could not leave in a message


def _code_seeds() -> Sequence[bytes]:
    drawn = []
    for code in (segno.make_qr("part 4711"), segno.make_micro("A1"), segno.make_qr("äöü 零件", eci=True)):
        matrix = np.array([list(row) for row in code.matrix_iter(scale=2, border=4)], np.uint8)
        drawn.append(np.where(matrix, 0, 255).astype(np.uint8))
    # Code 39: `*A*`; wide elements are three times as wide.
    bars = "100010111011101 110101000101110 1000101110111010"
    pattern = "0" * 10 + "".join("1" if bit == "1" else "0" for bit in bars) + "0" * 10
    row = np.array([0 if bit == "1" else 255 for bit in pattern], np.uint8)
    drawn.append(np.tile(row, (30, 1)))
    return [bytes([picture.shape[1] - 1]) + picture.tobytes() for picture in drawn]


jpeg = _encoded(_jpegs)
png = _encoded(_pngs, _mutate_png)
bmp = _encoded(_bmps)
tiff = _encoded(_tiffs)
webp = _encoded(_webps)
raw_frame = Target(_take_raw, _raw_seeds, longest=4096, mebibytes=16.0)
codes = Target(_take_codes, _code_seeds, seconds=3.0)
