"""The forms in which a word and its parts are compared: NFKC, case folded, without English inflection."""

import re
import threading
import unicodedata
from dataclasses import dataclass

import Stemmer

from sensorium_text.words._stop_words import ENGLISH

# What joins the parts of a code or a compound: P-101A, 6205-2RS/C3, =A1+K2-M3, over-temperature.
_JOINTS = "-/._+:,'"
_SAME_JOINT = str.maketrans(dict.fromkeys("\u2010\u2011\u2212\uff0d", "-") | {"’": "'", "\u02bc": "'", "\uff0e": "."})
# A joint may as well be left out, but for one between two digits: 4.5 is not 45.
_FREE_JOINT = re.compile(rf"(?<!\d)[{_JOINTS}]|[{_JOINTS}](?!\d)")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
_PIECE = re.compile(rf"(?:[^{_JOINTS}#]|(?<=\d)[.,:](?=\d))+")
_NUMBER_OR_LETTERS = re.compile(r"\d+(?:[.,:]\d+)*|[^\d]+")
_LATIN = re.compile(r"[a-z]+")
_thread = threading.local()


@dataclass(frozen=True, slots=True)
class Form:
    """How a word is compared.

    Attributes:
        term: for people: lower case, joints as written.
        key: what is compared: without the joints that may as well be left out.
        stop: whether the word says nothing by itself.
        parts: begin and end of each part, within the word, and its form.
    """

    term: str
    key: str
    stop: bool
    parts: tuple[tuple[int, int, "Form"], ...] = ()


def form(word: str, *, english: bool) -> Form:
    """The form of a word; `english` removes inflection and knows stop words."""
    if word.isalpha():
        return _simple(word, english=english)
    unified = word.translate(_SAME_JOINT)
    if unified[-2:] in ("'s", "'S"):
        return form(word[:-2], english=english)
    term = _normal(unified)
    if _THOUSANDS.fullmatch(term):
        return Form(term, term.replace(",", ""), stop=False)
    parts = tuple((begin, end, _simple(word[begin:end], english=english)) for begin, end in _part_bounds(unified))
    key = _FREE_JOINT.sub("", term)
    stop = bool(parts) and all(part.stop for _, _, part in parts)
    return Form(term, _stem(key) if english else key, stop, parts)


def _part_bounds(word: str) -> list[tuple[int, int]]:
    """Pieces between joints, and in pieces that mix them runs of digits or letters; none for a single piece.

    One letter alone is no part: it would match too much.
    """
    bounds = []
    for piece in _PIECE.finditer(word):
        text, begin = piece.group(), piece.start()
        if len(text) < len(word) and (len(text) > 1 or text.isdecimal()):
            bounds.append(piece.span())
        runs = [run.span() for run in _NUMBER_OR_LETTERS.finditer(text)]
        bounds += [(begin + first, begin + last) for first, last in runs if 1 < last - first < len(text)]
    return bounds


def _simple(word: str, *, english: bool) -> Form:
    term = _normal(word)
    if not english:
        return Form(term, term, stop=False)
    stem = _stem(term)
    return Form(stem, stem, stop=term in ENGLISH)


def _normal(word: str) -> str:
    return (
        word.lower()
        if word.isascii()
        else unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word).casefold())
    )


def _stem(term: str) -> str:
    return _stemmer().stemWord(term) if _LATIN.fullmatch(term) else term


def _stemmer() -> Stemmer.Stemmer:
    """A stemmer of the thread's own: its working memory is not safe to share."""
    stemmer = getattr(_thread, "stemmer", None)
    if stemmer is None:
        stemmer = _thread.stemmer = Stemmer.Stemmer("english", 0)
    return stemmer
