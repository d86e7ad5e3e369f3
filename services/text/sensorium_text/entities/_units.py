"""The unit behind a number: the longest spelling of the table, products and quotients of them, and what is no unit."""

import functools
import threading
from dataclasses import dataclass

from ucumvert import InvalidUcumError, get_ucum_parser, parse_ucum

from sensorium_text.entities._characters import at, ideograph, last_word, letter, linear, word_character
from sensorium_text.entities._lexicon import either, words
from sensorium_text.entities._numbers import Number
from sensorium_text.entities._unit_table import LENGTHS, LOOSE_SPELLINGS, SPELLINGS

_SPACES = " \u00a0\u202f\u2009"
_POWERS = {"²": "2", "³": "3", "^2": "2", "^3": "3", "2": "2", "3": "3", "⁻¹": "-1", "⁻²": "-2"}
_RAISED = frozenset({"m", "mm", "cm", "dm", "km", "um", "[ft_i]", "[in_i]", "s"})
_TIMES = "·⋅*"
_MOST_FACTORS = 4
# Composed units of one text that are looked at; further ones are no quantities. Checking one takes a millisecond.
MOST_COMPOSED = 200
_PER = linear(r"^ (?:per|pro|je) ")
# Chinese units of one character begin many words; behind them only these may follow.
_AFTER_CHINESE_UNIT = "以左右时的到至及和与或内后前上下长宽高厚深多"
# Units of one character that stand before any word but those that begin with one of these.
_NOT_AFTER = {"年": "度级代产底初份终检", "天": "线然车", "秒": "表", "吨": "", "克": "服隆", "米": "粉线"}
# Behind "5 in": what a size in inches describes.
_SIZES = either(r"""
    dia wide long deep thick high pipe hose bolt nut fitting line valve bore shaft flange od\b id\b npt hole tube stroke
    gap gauge drill wrench socket plate belt gate ball nipple elbow coupling bushing hg\b h2o w\.?c
""")
_SIZED = linear(rf"^ ?(?i:$|[-.,;:)/x×]|{_SIZES})")
# A number behind these names a thing, so that `Rev 2 A` and `line 3 C` are no quantities.
_MOST_LABELLED = 20
LABELS = words("""
    rev revision ver version no nr num number unit line pump cell type class step item sheet page room station
    building bay panel figure fig table section chapter machine robot shift grade size zone area phase bank cylinder
    cyl group channel ch terminal pin port slot rack module block row column level floor gate dock door bolt option
    variant model series cat category part point stage loop train crane truck shovel excavator loader dozer motor
    tank valve drive
""")


@dataclass(frozen=True)
class Unit:
    """A UCUM code, where its writing ends, and how sure it is that it is one, 0 to 1."""

    code: str
    end: int
    certainty: float


class UnitReader:
    """Reads units in one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._composed: set[str] = set()

    def after(self, number: Number) -> Unit | None:
        """The unit that the number has, if any."""
        begin = number.span.end
        if self._is_link(begin):
            begin += 1
        first = self._factor(begin)
        if first is None or not self._plausible(first, begin, number):
            return None
        return self._with_further_factors(first)

    def _is_link(self, index: int) -> bool:
        """Whether a space, or a hyphen before a word as in `5-inch`, joins number and unit."""
        character = at(self._text, index)
        if character == "-":
            return letter(at(self._text, index + 1)) and letter(at(self._text, index + 2))
        return character != "" and character in _SPACES

    def _factor(self, begin: int) -> Unit | None:
        """The longest spelling at the place, with its power."""
        text = self._text
        for length in LENGTHS.get(text[begin : begin + 1].lower(), ()):
            spelling = text[begin : begin + length]
            if len(spelling) < length:
                continue
            code = SPELLINGS.get(spelling) or (LOOSE_SPELLINGS.get(spelling.lower()) if length > 1 else None)
            if code is None:
                continue
            power, end = self._power(code, begin + length)
            if self._ends(spelling, end):
                return Unit(code + power, end, 0.9 if spelling in SPELLINGS or spelling.islower() else 0.85)
        return None

    def _power(self, code: str, end: int) -> tuple[str, int]:
        for length in (2, 1):
            written = self._text[end : end + length]
            if written in _POWERS and (not written.isascii() or code in _RAISED) and not code.endswith("}"):
                return _POWERS[written], end + len(written)
        return "", end

    def _ends(self, spelling: str, end: int) -> bool:
        """Whether the spelling is a word of its own."""
        following = at(self._text, end)
        if ideograph(spelling[-1]):
            if len(spelling) > 1 or not ideograph(following) or following in _AFTER_CHINESE_UNIT:
                return True
            return spelling in _NOT_AFTER and following not in _NOT_AFTER[spelling]
        return not word_character(following) and not (following == "'" and letter(at(self._text, end + 1)))

    def _with_further_factors(self, first: Unit) -> Unit | None:
        unit = first
        for _ in range(_MOST_FACTORS - 1):
            following = self._next_factor(unit)
            if following is None:
                break
            unit = following
        if unit is first:
            return first
        self._composed.add(unit.code)
        return unit if len(self._composed) <= MOST_COMPOSED and is_ucum(unit.code) else None

    def _next_factor(self, unit: Unit) -> Unit | None:
        text = self._text
        mark = at(text, unit.end)
        per = _PER.search(text[unit.end : unit.end + 6])
        if per is None and (not mark or mark not in f"/{_TIMES}"):
            return None
        factor = self._factor(unit.end + (per.end() if per else 1))
        if factor is None or ideograph(text[factor.end - 1]) != ideograph(text[unit.end - 1]):
            return None
        operator = "." if mark in _TIMES else "/"
        return Unit(f"{unit.code}{operator}{_term(factor.code, operator)}", factor.end, unit.certainty)

    def _plausible(self, unit: Unit, begin: int, number: Number) -> bool:
        """Whether the writing is this unit and not a word, a letter or a year that looks like it."""
        text = self._text
        written, spaced = text[begin : unit.end], begin > number.span.end
        if text.startswith("/(", unit.end):
            return False
        if written == "in":
            return not spaced or number.fraction or bool(_SIZED.search(text[unit.end : unit.end + 10]))
        if written in ('"', "”"):
            return _no_quotation(text, number.span.begin)
        if len(written) == 1 and written.isascii() and written.isalpha():
            return self._plausible_letter(written, unit.end, spaced, number)
        if written in ("年", "天", "周"):
            return number.value < 1000
        return True

    def _plausible_letter(self, written: str, end: int, spaced: bool, number: Number) -> bool:
        text = self._text
        if at(text, end) == "." and letter(at(text, end + 1)):
            return False  # 10 A.M.
        if at(text, end) in ("-", "&", "#") and word_character(at(text, end + 1)):
            return False
        if written in ("F", "C", "K", "T", "H", "S") and not spaced and not (written in "FC" and number.value >= 20):
            return False  # 5K, 3T and 2H are counts and names
        if written == "s" and not spaced and number.value >= 1000:
            return False  # the 1990s
        return number.value > _MOST_LABELLED or number.value % 1 > 0 or last_word(text, number.span.begin) not in LABELS


def _term(code: str, operator: str) -> str:
    return f"({code})" if operator == "/" and ("." in code or "/" in code) else code


def _no_quotation(text: str, begin: int) -> bool:
    """Whether no quotation is open in the line before, which the mark could close."""
    line = text[max(0, begin - 200) : begin].rpartition("\n")[2]
    return line.count('"') % 2 == 0 and line.count("“") == line.count("”")


_parser_lock = threading.Lock()


@functools.lru_cache(maxsize=1024)
def is_ucum(code: str) -> bool:
    """Whether UCUM's grammar and table have the code."""
    with _parser_lock:
        try:
            parse_ucum(code, _parser())
        except InvalidUcumError:
            return False
    return True


_parser = functools.lru_cache(maxsize=1)(get_ucum_parser)
