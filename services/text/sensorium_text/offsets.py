"""Offsets into a text in the units that callers count in, and back.

Inside the service offsets are code points. C#, Java and JavaScript slice by 16-bit units, Go and Rust by bytes, and
RE2 finds by bytes. A text's units are counted once, then every offset is one look-up.
"""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from sensorium_text.domain import EncodingType, Span

_Counts = npt.NDArray[np.int64]


class Offsets:
    """Turns offsets into one text from code points into units of an encoding, and back.

    Args:
        text: the text; a lone surrogate counts as what its place would take, 3 bytes or 1 unit.
        encoding: the units.
    """

    def __init__(self, text: str, encoding: EncodingType) -> None:
        self._length = len(text)
        widths = _widths(text, encoding)
        self._begins: _Counts | None = None
        if widths is not None:
            self._begins = np.concatenate(([0], np.cumsum(widths, dtype=np.int64)))

    @property
    def size(self) -> int:
        """Units of the whole text."""
        return self.units(self._length)

    def units(self, offset: int) -> int:
        """The offset in units; `offset` is in code points, 0 to the length of the text."""
        return offset if self._begins is None else int(self._begins[offset])

    def units_of(self, span: Span) -> Span:
        """The span with its offsets in units."""
        return span if self._begins is None else Span(self.units(span.begin), self.units(span.end))

    def code_points(self, units: int) -> int:
        """The offset in code points; one that lies inside a character gives the character's begin."""
        return units if self._begins is None else int(self._characters[units])

    def code_points_of(self, span: Span) -> Span:
        """The span, whose offsets are in units, in code points."""
        return span if self._begins is None else Span(self.code_points(span.begin), self.code_points(span.end))

    @cached_property
    def _characters(self) -> _Counts:
        """For every unit, and the end, the code point that it belongs to."""
        assert self._begins is not None
        first_units = np.zeros(self._begins[-1] + 1, np.int64)
        first_units[self._begins[1:]] = 1
        return np.cumsum(first_units)


def _widths(text: str, encoding: EncodingType) -> npt.NDArray[np.uint8] | None:
    """Units of each code point, `uint8[len(text)]`; None where each takes one."""
    if encoding is EncodingType.UTF32 or text.isascii():
        return None
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    astral = (points >= 0x10000).view(np.uint8)
    if encoding is EncodingType.UTF16:
        return astral + np.uint8(1) if astral.any() else None
    widths = astral + np.uint8(1)
    widths += points >= 0x80
    widths += points >= 0x800
    return widths
