"""From what a caller sent to samples at 16 kHz: checked from the header first, then decoded and resampled."""

from sensorium_speech.audio._decode import AudioHeader, decode, read_header
from sensorium_speech.audio._limits import AudioLimits
from sensorium_speech.audio._stream import StreamDecoder

__all__ = ["AudioHeader", "AudioLimits", "StreamDecoder", "decode", "read_header"]
