"""ReadCodes: finding optical codes by a network, decoding them by zxing-cpp."""

from sensorium_vision.codes._reader import CodeReader

__all__ = ["CodeReader"]
