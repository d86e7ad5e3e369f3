"""From a word as it is written to the words as they are spoken, in English. Pure functions, linear in their input."""

import re
from itertools import islice, product

# A token of a text: a number with its mark of ordinal, letters with apostrophes, or a sign that is spoken.
_PARTS = re.compile(r"\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th)?|[^\W\d_]+(?:['\u2019][^\W\d_]+)*|[%&@+=$\u20ac\u00a3\u00b0]")
_MOST_READINGS = 6
_LONGEST_NUMBER = 12
_SIGNS = {
    "%": "percent",
    "&": "and",
    "@": "at",
    "+": "plus",
    "=": "equals",
    "$": "dollars",
    "\u20ac": "euros",
    "\u00a3": "pounds",
    "\u00b0": "degrees",
}
_ABBREVIATIONS = {
    "mr": "mister",
    "mrs": "missus",
    "dr": "doctor",
    "vs": "versus",
    "mm": "millimeters",
    "cm": "centimeters",
    "km": "kilometers",
    "kg": "kilograms",
    "rpm": "r p m",
}
_LETTER_NAMES = (
    "ay bee see dee ee eff gee aitch eye jay kay ell em en oh pee cue are ess tee you vee doubleyou ex why zee"
)
_LETTERS = dict(zip("abcdefghijklmnopqrstuvwxyz", re.findall(r"\w+", _LETTER_NAMES), strict=True))
_ONE_NAMES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_ONES = re.findall(r"\w+", _ONE_NAMES)
_TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}

Spoken = tuple[str, ...]


def readings(written: str) -> tuple[Spoken, ...]:
    """The ways in which a word of a text may be spoken, the likeliest first; none for mere punctuation.

    Numbers are read as cardinals, as years, and digit by digit; short words of capitals also letter by letter.
    """
    parts = [_part(match.group()) for match in _PARTS.finditer(written)]
    if not parts:
        return ()
    ways = islice(product(*parts), _MOST_READINGS)
    return tuple(dict.fromkeys(tuple(word for part in way for word in part) for way in ways))


def cardinal(number: int) -> Spoken:
    """A whole number below a trillion in words: `one hundred five`."""
    if number < 20:
        return (_ONES[number],)
    if number < 100:
        tens, ones = divmod(number, 10)
        return (_TENS[tens], _ONES[ones]) if ones else (_TENS[tens],)
    scale, name = next((scale, name) for scale, name in _SCALES if number >= scale)
    count, rest = divmod(number, scale)
    return (*cardinal(count), name, *(cardinal(rest) if rest else ()))


def digits(written: str) -> Spoken:
    """Digits one by one: `one zero five`."""
    return tuple(_ONES[int(digit)] for digit in written)


def letters(written: str) -> Spoken:
    """Letters one by one, by their names."""
    return tuple(_LETTERS[letter] for letter in written.lower() if letter in _LETTERS)


def _part(part: str) -> list[Spoken]:
    if part[0].isdecimal():
        return _number(part)
    if part in _SIGNS:
        return [(_SIGNS[part],)]
    return _letters_or_word(part)


def _letters_or_word(part: str) -> list[Spoken]:
    lower = part.lower().replace("\u2019", "'")
    spelled = letters(part)
    word = tuple(_ABBREVIATIONS.get(lower, lower).split())
    if len(part) == 1 and lower not in ("a", "i"):
        return [spelled] if spelled else [word]
    if part.isupper() and len(part) <= 5 and spelled:
        return [spelled, word]
    return [word, (lower,)] if word != (lower,) else [word]


def _number(part: str) -> list[Spoken]:
    number = part.replace(",", "")
    ordinal = number[-2:].isalpha()
    if ordinal:
        number = number[:-2]
    whole, _, fraction = number.partition(".")
    if len(whole) > _LONGEST_NUMBER:
        return [digits(whole)]
    value = int(whole)
    if ordinal:
        return [_ordinal(cardinal(value))]
    behind = ("point", *digits(fraction)) if fraction else ()
    ways = [(*cardinal(value), *behind)]
    if not behind and len(whole) == 4 and whole[0] != "0":
        ways.append(_year(value))
    if not behind and value > 100 and value % 100:
        ways.append(_with_and(value))
    if len(whole) > 1:
        ways += [
            (*digits(whole), *behind),
            (*("oh" if digit == "0" else _ONES[int(digit)] for digit in whole), *behind),
        ]
    return ways


def _year(value: int) -> Spoken:
    century, rest = divmod(value, 100)
    if not rest:
        return (*cardinal(century), "hundred")
    return (*cardinal(century), *(("oh",) if rest < 10 else ()), *cardinal(rest))


def _with_and(value: int) -> Spoken:
    rest = value % 100
    return (*cardinal(value - rest), "and", *cardinal(rest))


def _ordinal(spoken: Spoken) -> Spoken:
    *before, last = spoken
    if last.endswith("y"):
        return (*before, last[:-1] + "ieth")
    return (*before, _ORDINALS.get(last, last + "th"))
