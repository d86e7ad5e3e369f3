"""Whether a sound file is whole. libsndfile reads a file that was cut short as if it ended there."""

_MOST_CHUNKS = 1000
_UNKNOWN_SIZE = 0xFFFFFFFF
_END_OF_STREAM = 4


def file_format(data: bytes) -> str:
    """WAV, FLAC or OGG, by the first bytes; empty for anything else."""
    if data[:4] in (b"RIFF", b"RF64") and data[8:12] == b"WAVE":
        return "WAV"
    return {b"fLaC": "FLAC", b"OggS": "OGG"}.get(data[:4], "")


def is_whole(data: bytes) -> bool:
    """Whether a file of one of the formats has all its bytes; FLAC shows it only when it is decoded."""
    kind = file_format(data)
    if kind == "WAV":
        return _is_whole_wav(data)
    return _is_whole_ogg(data) if kind == "OGG" else True


def _is_whole_wav(data: bytes) -> bool:
    # Chunks of four letters and a size each; RF64 has the size of its data in the chunk ds64 (EBU Tech 3306).
    position, data_size_64 = 12, 0
    for _ in range(_MOST_CHUNKS):
        name, size = data[position : position + 4], int.from_bytes(data[position + 4 : position + 8], "little")
        position += 8
        if len(name) < 4 or position > len(data):
            return False
        if name == b"ds64":
            data_size_64 = int.from_bytes(data[position + 8 : position + 16], "little")
        if name == b"data":
            # Programs that write into a pipe do not know the size; libsndfile then takes what there is.
            size = data_size_64 if size == _UNKNOWN_SIZE else size
            return position + size <= len(data)
        position += size + size % 2
    return False


def _is_whole_ogg(data: bytes) -> bool:
    # The last page says that the stream ends, and has all its segments (RFC 3533).
    start = data.rfind(b"OggS")
    page = data[start:]
    if len(page) < 27 or not page[5] & _END_OF_STREAM:
        return False
    segments = page[27 : 27 + page[26]]
    return len(segments) == page[26] and len(page) >= 27 + page[26] + sum(segments)
