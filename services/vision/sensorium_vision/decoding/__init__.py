"""From what a caller sent to pixels: checked from the header first, then decoded."""

from sensorium_vision.decoding._decode import ImageHeader, decode, read_header
from sensorium_vision.decoding._limits import ImageLimits

__all__ = ["ImageHeader", "ImageLimits", "decode", "read_header"]
