"""How many parts a picture file is made of, and whether it has them, found out before a library walks through them.

Libraries spend time on each part however small it is, and on each scan of a progressive JPEG as much as on a whole
picture: without bounds, a file of a few hundred kilobytes could keep a thread busy for minutes. Real files stay far
below these bounds.
"""

import re
from typing import Literal

_MOST_PNG_CHUNKS = 65_536
_MOST_JPEG_SEGMENTS = 10_000
_MOST_JPEG_SCANS = 100
_LONGEST_JPEG_FILL = 4096
_MOST_TIFF_TAGS = 4096
_END_OF_IMAGE, _START_OF_SCAN = 0xD9, 0xDA
# Inside a scan, 00 after FF stands for a data byte FF, and restart markers belong to the scan.
_JPEG_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")


def is_bounded(data: bytes) -> bool:
    """Whether a file has no more parts than a real picture may have; what is none of the formats passes."""
    if data.startswith(b"\xff\xd8\xff"):
        return _is_bounded_jpeg(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _is_bounded_png(data)
    if data.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        return _is_bounded_tiff(data)
    return True


def _is_bounded_jpeg(data: bytes) -> bool:
    position = 2
    scans = 0
    for _ in range(_MOST_JPEG_SEGMENTS):
        marker = _JPEG_MARKER.search(data, position)
        if marker is None or data[marker.end() - 1] == _END_OF_IMAGE:
            return True
        if not scans and marker.start() - position > _LONGEST_JPEG_FILL:
            return False
        scans += data[marker.end() - 1] == _START_OF_SCAN
        if scans > _MOST_JPEG_SCANS:
            return False
        position = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2], "big")
    return False


def _is_bounded_png(data: bytes) -> bool:
    position = 8
    for _ in range(_MOST_PNG_CHUNKS):
        if position >= len(data):
            return True
        length = int.from_bytes(data[position : position + 4], "big")
        if position + 8 + length > len(data):  # OpenCV would make room for up to 2 GiB before it misses them
            return False
        if data[position + 4 : position + 8] == b"IEND":
            return True
        position += 12 + length
    return False


def _is_bounded_tiff(data: bytes) -> bool:
    order: Literal["little", "big"] = "little" if data.startswith(b"II") else "big"
    pointer, counter = (8, 8) if b"+" in data[2:4] else (4, 2)
    directory = int.from_bytes(data[pointer : 2 * pointer], order)
    return int.from_bytes(data[directory : directory + counter], order) <= _MOST_TIFF_TAGS
