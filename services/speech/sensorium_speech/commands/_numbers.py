"""Spoken numbers in English: which words say the numbers of a range, and which number words say."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import lru_cache

from sensorium_speech.commands._automaton import Automata, Node
from sensorium_speech.phonetics import cardinal, digits
from sensorium_speech.phrase_sets import NumberSlot

_POINT = "point"
_MINUS = ("minus", "negative")
_ZEROS = ("zero", "oh")
_DIGITS = {cardinal(digit)[0]: digit for digit in range(10)} | {"oh": 0}
_SMALL = {cardinal(number)[0]: number for number in range(20)} | {
    cardinal(number)[0]: number for number in range(20, 100, 10)
}


class SpokenNumbers:
    """The ways to say the numbers of slots, as automata of one factory."""

    def __init__(self, automata: Automata) -> None:
        self._automata = automata
        self._known: dict[NumberSlot, Node] = {}
        self._known_digits: dict[tuple[str, str], Node] = {("", ""): automata.empty}

    def __call__(self, slot: NumberSlot) -> Node:
        """All ways to say the numbers of a slot; it accepts nothing when no number is in its range."""
        if slot not in self._known:
            low, high = Decimal(repr(slot.minimum)), Decimal(repr(slot.maximum))
            ways = self._magnitudes(max(low, Decimal(0)), high, slot.fraction_digits)
            if low < 0:
                least = max(-high, Decimal(1).scaleb(-slot.fraction_digits))
                below = self._magnitudes(least, -low, slot.fraction_digits)
                minus = self._automata.any_of(self._automata.sequence([word]) for word in _MINUS)
                ways = self._automata.any_of([ways, self._automata.chain(minus, below)])
            self._known[slot] = ways
        return self._known[slot]

    def _magnitudes(self, low: Decimal, high: Decimal, places: int) -> Node:
        """Numbers of at least 0 between two others."""
        if low > high:
            return self._automata.nothing
        least, most = _whole(low, ROUND_CEILING), _whole(high, ROUND_FLOOR)
        ways = [self._wholes(least, most)]
        if places:
            ways += self._decimals(low, high, places)
        return self._automata.any_of(ways)

    def _decimals(self, low: Decimal, high: Decimal, places: int) -> list[Node]:
        """Numbers with a decimal point: of most whole parts all fractions are in the range, of the outermost not."""
        first, last = _whole(low, ROUND_FLOOR), _whole(high, ROUND_FLOOR)
        largest = 1 - Decimal(1).scaleb(-places)
        inner_first, inner_last = first + (low > first), last - (last + largest > high)
        fractions = [self._automata.sequence(way) for count in range(1, places + 1) for way in _all_digits(count)]
        inner = self._automata.any_of(fractions)
        ways = [self._with_point(inner_first, inner_last, inner)]
        for whole in sorted({first, last} - set(range(inner_first, inner_last + 1))):
            some = [
                self._automata.sequence(way)
                for count in range(1, places + 1)
                for way in _all_digits(count)
                if low <= whole + Decimal("0." + "".join(str(_DIGITS[word]) for word in way)) <= high
            ]
            ways.append(self._with_point(whole, whole, self._automata.any_of(some)))
        return ways

    def _with_point(self, first: int, last: int, fractions: Node) -> Node:
        if first > last:
            return self._automata.nothing
        wholes = self._wholes(first, last)
        if first == 0:
            wholes = self._automata.any_of([wholes, self._automata.sequence(["oh"]), self._automata.empty])
        return self._automata.chain(wholes, self._automata.sequence([_POINT]), fractions)

    def _wholes(self, first: int, last: int) -> Node:
        """Whole numbers, as cardinals and digit by digit."""
        if first > last:
            return self._automata.nothing
        ways = [self._hundreds(first, min(last, 999))]
        low, high = divmod(max(first, 1000), 1000), divmod(last, 1000)
        if last >= 1000 and low[0] == high[0]:
            ways.append(self._thousands(low[0], low[0], low[1], high[1]))
        elif last >= 1000:
            ways.append(self._thousands(low[0], low[0], low[1], 999))
            ways.append(self._thousands(low[0] + 1, high[0] - 1, 0, 999))
            ways.append(self._thousands(high[0], high[0], 0, high[1]))
        return self._automata.any_of([*ways, self._digits(max(first, 10), last)])

    def _thousands(self, first: int, last: int, low: int, high: int) -> Node:
        """Thousands from `first` to `last`, each with a rest from `low` to `high`."""
        if first > last:
            return self._automata.nothing
        join, small = self._automata.sequence(["and"]), self._hundreds(max(low, 1), min(high, 99))
        rests = [self._hundreds(max(low, 1), high), self._automata.chain(join, small)]
        rest = self._automata.any_of([*rests, *([self._automata.empty] if low == 0 else [])])
        return self._automata.chain(self._hundreds(first, last), self._automata.sequence(["thousand"]), rest)

    def _hundreds(self, first: int, last: int) -> Node:
        """Whole numbers below 1000."""
        return self._automata.any_of(
            self._automata.sequence(way) for number in range(first, last + 1) for way in _below_thousand(number)
        )

    def _digits(self, first: int, last: int) -> Node:
        """Whole numbers digit by digit, without zeros before them."""
        ways = []
        for length in range(len(str(first)), len(str(last)) + 1):
            low, high = max(first, 10 ** (length - 1)), min(last, 10**length - 1)
            if low <= high:
                ways.append(self._spelled(str(low), str(high)))
        return self._automata.any_of(ways)

    def _spelled(self, low: str, high: str) -> Node:
        """Strings of digits between two of the same length."""
        if (low, high) not in self._known_digits:
            ways = []
            for digit in range(int(low[0]), int(high[0]) + 1):
                least = low[1:] if str(digit) == low[0] else "0" * (len(low) - 1)
                most = high[1:] if str(digit) == high[0] else "9" * (len(low) - 1)
                said = self._automata.any_of(self._automata.sequence([word]) for word in _said(digit))
                ways.append(self._automata.chain(said, self._spelled(least, most)))
            self._known_digits[low, high] = self._automata.any_of(ways)
        return self._known_digits[low, high]


def number_of(words: Sequence[str]) -> float:
    """The number that words say, which must be those of a `SpokenNumbers`."""
    spoken = list(words)
    negative = spoken[0] in _MINUS
    if negative:
        spoken = spoken[1:]
    point = spoken.index(_POINT) if _POINT in spoken else len(spoken)
    fraction = "".join(str(_DIGITS[word]) for word in spoken[point + 1 :])
    value = float(f"{_whole_of(spoken[:point])}.{fraction or 0}")
    return -value if negative else value


def _whole_of(words: Sequence[str]) -> int:
    if words and all(word in _DIGITS for word in words):
        return int("".join(str(_DIGITS[word]) for word in words))
    total = part = 0
    for word in words:
        if word == "thousand":
            total, part = 1000 * part, 0
        elif word == "hundred":
            part *= 100
        elif word == "a":
            part = 1
        elif word != "and":
            part += _SMALL[word]
    return total + part


def _said(digit: int) -> tuple[str, ...]:
    return _ZEROS if digit == 0 else digits(str(digit))


def _all_digits(count: int) -> list[tuple[str, ...]]:
    shorter = [()] if count == 1 else _all_digits(count - 1)
    return [(*way, word) for way in shorter for word in _DIGITS]


@lru_cache(maxsize=1000)
def _below_thousand(number: int) -> tuple[tuple[str, ...], ...]:
    """The cardinals of a number: with and without `and`, and `a hundred` for `one hundred`."""
    plain = cardinal(number)
    ways = [plain]
    if number > 100 and number % 100:
        ways.append((*plain[:2], "and", *plain[2:]))
    if number // 100 == 1:
        ways += [("a", *way[1:]) for way in ways]
    return tuple(ways)


def _whole(number: Decimal, rounding: str) -> int:
    return int(number.to_integral_value(rounding))
