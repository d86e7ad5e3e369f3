"""Picture files made byte by byte, so that they can say what no encoder would write."""

import io
import struct
import time
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from sensorium_vision.decoding import ImageLimits, decode, read_header
from sensorium_vision.domain import EncodedImage, ImageSource, Picture, Pixels, Region

LIMITS = ImageLimits(max_pixels=64_000_000, max_side=32_768)


def decoded(data: bytes, region: Region | None = None, limits: ImageLimits = LIMITS) -> Picture:
    source = ImageSource(EncodedImage(data), region)
    return decode(source, read_header(source, limits))


def fastest(call: Callable[[], object]) -> float:
    """Seconds of processor time; the best of several when the machine is busy with something else."""
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        call()
        best = min(best, time.process_time() - start)
        if best < 0.1:
            break
    return best


def smooth_picture(width: int = 48, height: int = 36) -> Pixels:
    """Colours that differ in every corner and that lossy compression keeps well."""
    y, x = np.mgrid[0:height, 0:width]
    planes = (x * 255 // (width - 1), y * 255 // (height - 1), 255 - x * 255 // (width - 1))
    return np.dstack(planes).astype(np.uint8)


def saved(image: Image.Image | npt.NDArray[Any], file_format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    picture.save(buffer, file_format, **options)
    return buffer.getvalue()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *extra: bytes, rows: bytes = b"") -> bytes:
    """An RGB PNG of 8 bits; `rows` are given unpacked, each with its filter byte."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = png_chunk(b"IDAT", zlib.compress(rows, 9))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + body + png_chunk(b"IEND", b"")


def black_png(width: int, height: int, *extra: bytes) -> bytes:
    return png(width, height, *extra, rows=bytes((width * 3 + 1) * height))


def tiff(*tags: tuple[int, int, int, int], big: bool = False, size: int = 4, next_directory: int = 0) -> bytes:
    """A TIFF of 4 x 4 black pixels, RGB, with further tags (number, type, count, value); `size` is what it declares."""
    basic = [(256, 4, 1, size), (257, 4, 1, size), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 2), (273, 4, 1, 16)]
    every = [*basic, (277, 3, 1, 3), (278, 4, 1, 4), (279, 4, 1, 48), *tags]
    count, entry, offset = ("<Q", "<HHQQ", "<Q") if big else ("<H", "<HHII", "<I")
    start = b"II+\x00\x08\x00\x00\x00" if big else b"II*\x00"
    head = (start + struct.pack(offset, 64)).ljust(64, b"\0")
    directory = struct.pack(count, len(every)) + b"".join(struct.pack(entry, *tag) for tag in every)
    return head + directory + struct.pack(offset, next_directory)


def progressive_jpeg(width: int, height: int, scans: int) -> bytes:
    """A grey JPEG whose scans say nothing in a few bytes each, but are worked through like any other."""
    blocks = -(-width // 8) * -(-height // 8)
    quantisation = b"\xff\xdb\x00\x43\x00" + bytes([1] * 64)
    frame = b"\xff\xc2" + struct.pack(">HBHHBBBB", 11, 8, height, width, 1, 1, 0x11, 0)
    # One code of one bit in each table: "no difference" for DC, "a run of 2**14 empty blocks" for AC.
    tables = b"".join(
        b"\xff\xc4\x00\x14" + bytes([kind, 1]) + bytes(15) + bytes([symbol]) for kind, symbol in ((0, 0), (0x10, 0xE0))
    )
    first = b"\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00" + bytes(-(-blocks // 8))
    further = b"\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x00" + bytes(-(-(-(-blocks // 2**14) * 15) // 8))
    return b"\xff\xd8" + quantisation + frame + tables + first + further * (scans - 1) + b"\xff\xd9"


def animated_webp(canvas_width: int, canvas_height: int, frames: int = 1) -> bytes:
    """An animation whose canvas is declared, with frames of 4 x 4 pixels."""
    image = saved(Image.new("RGB", (4, 4), (200, 100, 50)), "WEBP", lossless=True)[12:]
    extended = b"\x02\0\0\0" + _uint24(canvas_width - 1) + _uint24(canvas_height - 1)
    frame = _uint24(0) * 2 + _uint24(3) * 2 + _uint24(100) + b"\0" + image
    body = _riff(b"VP8X", extended) + _riff(b"ANIM", bytes(6)) + _riff(b"ANMF", frame) * frames
    return _riff(b"RIFF", b"WEBP" + body)


def _uint24(number: int) -> bytes:
    return struct.pack("<I", number)[:3]


def _riff(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
