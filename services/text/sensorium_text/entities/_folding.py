"""Texts made comparable, with the way back to their offsets.

Every word of a script that writes words apart gets a mark at both ends, so that a name looked for with its marks is
found only as whole words; Chinese has none, so that 泵 is found in 水泵房. White space is one kind of space, and case
may be folded. Folding can make one character two (ß, İ), which the way back knows.
"""

import re

_MARK = "\uffff"
_SUBSTITUTE = "\ufffe"
# Runs of characters that make words: letters, digits and combining marks, but no ideographs or kana.
_COMBINING = r"\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_WORDS = re.compile(rf"(?:[^\W\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[{_COMBINING}])+")
_SPACE = re.compile(r"\s")


class Folded:
    """A comparable form of a text.

    Args:
        text: the text.
        fold_case: whether upper and lower case are the same.

    Attributes:
        text: the comparable form.
    """

    def __init__(self, text: str, *, fold_case: bool) -> None:
        self._pieces: list[str] = []
        self._origins: list[int] = []
        self._fold_case = fold_case
        end = 0
        clean = _SPACE.sub(" ", text.replace(_MARK, _SUBSTITUTE))
        for word in _WORDS.finditer(clean):
            self._add(clean, end, word.start())
            self._mark(word.start())
            self._add(clean, word.start(), word.end())
            self._mark(word.end())
            end = word.end()
        self._add(clean, end, len(clean))
        self.text = "".join(self._pieces)

    def span(self, begin: int, end: int) -> tuple[int, int]:
        """The part of the text that a part of the comparable form stands for."""
        last = self._origins[end - 1]
        return self._origins[begin], last if self.text[end - 1] == _MARK else last + 1

    def _mark(self, origin: int) -> None:
        self._pieces.append(_MARK)
        self._origins.append(origin)

    def _add(self, clean: str, begin: int, end: int) -> None:
        written = clean[begin:end]
        folded = written.casefold() if self._fold_case else written
        self._pieces.append(folded)
        if len(folded) == len(written):
            self._origins.extend(range(begin, end))
        else:
            for index, character in enumerate(written, begin):
                self._origins.extend([index] * len(character.casefold()))
