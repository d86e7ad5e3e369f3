"""Whether a sound file is whole. libsndfile reads a file that was cut short as if it ended there."""

from sensorium_speech.audio._ogg import ogg_fault

_MOST_CHUNKS = 1000
# Programs that write into a pipe cannot tell the size: ffmpeg writes the largest number, arecord and sox one about half
# as large. No file that is received as a message can be of that size.
_UNKNOWN_SIZE = 0x7FFF0000


def file_format(data: bytes) -> str:
    """WAV, FLAC or OGG, by the first bytes; empty for anything else."""
    if data[:4] in (b"RIFF", b"RF64") and data[8:12] == b"WAVE":
        return "WAV"
    return {b"fLaC": "FLAC", b"OggS": "OGG"}.get(data[:4], "")


def fault(data: bytes) -> str:
    """What is wrong with the structure of a file of one of the formats: `cut short`, `damaged`, or nothing.

    FLAC shows it only when it is decoded.
    """
    kind = file_format(data)
    if kind == "WAV":
        return _wav_fault(data)
    return ogg_fault(data) if kind == "OGG" else ""


def _wav_fault(data: bytes) -> str:
    # Chunks of four letters and a size each; RF64 has the size of its data in the chunk ds64 (EBU Tech 3306).
    position, data_size_64 = 12, 0
    for _ in range(_MOST_CHUNKS):
        name, size = data[position : position + 4], int.from_bytes(data[position + 4 : position + 8], "little")
        position += 8
        if len(name) < 4 or position > len(data):
            return "cut short"
        if name == b"ds64":
            data_size_64 = int.from_bytes(data[position + 8 : position + 16], "little")
        if name == b"data":
            size = data_size_64 or size
            if size >= _UNKNOWN_SIZE:
                return ""  # libsndfile takes what there is
            whole = position + size <= len(data) and (size or _is_chunk(data, position))
            return "" if whole else "cut short"
        position += size + size % 2
    return "damaged"


def _is_chunk(data: bytes, position: int) -> bool:
    """Whether a chunk or the end is here: a recorder that was stopped leaves sound behind a size of 0."""
    size = int.from_bytes(data[position + 4 : position + 8], "little")
    return position == len(data) or (data[position : position + 4].isalnum() and position + 8 + size <= len(data))
