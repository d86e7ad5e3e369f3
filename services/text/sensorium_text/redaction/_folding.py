"""One spelling for characters that mean the same in numbers and addresses; every character keeps its place."""

import unicodedata

# Compatibility decompositions that are the same character in another width or beside another line break.
_SAME_CHARACTER = frozenset({"<wide>", "<narrow>", "<noBreak>", "<font>"})
_MINUS = "\N{MINUS SIGN}"


def fold(text: str) -> str:
    """The text with full-width forms, digits of all scripts, dashes and spaces as in ASCII; as long as the text.

    It is a part of NFKC, of which only what maps one character to one is taken, so that offsets stay right.
    Superscripts and circled digits mean something else beside a number and stay.
    """
    return text if text.isascii() else text.translate(_TABLE)


class _Table(dict[int, str]):
    """Filled as characters are met; there are no more than Unicode has."""

    def __missing__(self, code: int) -> str:
        folded = _fold(chr(code))
        self[code] = folded
        return folded


def _fold(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Zs":
        return " "
    if category == "Pd" or character == _MINUS:
        return "-"
    kind, _, _ = unicodedata.decomposition(character).partition(" ")
    if kind in _SAME_CHARACTER:
        normal = unicodedata.normalize("NFKC", character)
        return normal if len(normal) == 1 else character
    return character


_TABLE = _Table()
