"""Whether an OGG file is whole and unharmed: libsndfile skips pages that are damaged, and what was said there.

Pages as in RFC 3533.
"""

import zlib

_HEADER = 27
_FIRST, _LAST = 2, 4
# OGG's checksum takes the bits of a byte in the other order than zlib's, and inverts nothing.
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_INVERTED = 0xFFFFFFFF


def ogg_fault(data: bytes) -> str:
    """What is wrong with the pages of an OGG file; empty when nothing is. What follows the last one does not matter."""
    expected = dict[bytes, int]()  # number of the next page, of each stream that has not ended
    position = 0
    while data.startswith(b"OggS", position):
        page = data[position : position + _page_size(data, position)]
        if len(page) < _page_size(data, position):
            return "cut short"
        flags, stream, number = page[5], page[14:18], int.from_bytes(page[18:22], "little")
        if _checksum(page) != int.from_bytes(page[22:26], "little"):
            return "damaged"
        if number != (number if flags & _FIRST else expected.get(stream)):
            return "damaged"
        expected[stream] = number + 1
        if flags & _LAST:
            del expected[stream]
        position += len(page)
    lost = data.find(b"OggS", position) >= 0
    return "damaged" if lost else "cut short" if expected else ""


def _page_size(data: bytes, position: int) -> int:
    if len(data) < position + _HEADER:
        return _HEADER
    segments = data[position + _HEADER : position + _HEADER + data[position + _HEADER - 1]]
    return _HEADER + data[position + _HEADER - 1] + sum(segments)


def _checksum(page: bytes) -> int:
    content = page[:22] + bytes(4) + page[26:]
    mirrored = zlib.crc32(content.translate(_MIRRORED), _INVERTED) ^ _INVERTED
    return int.from_bytes(mirrored.to_bytes(4, "little").translate(_MIRRORED), "big")
