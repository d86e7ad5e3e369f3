"""What a sentence says of its words besides the model: whether they are written like names and stand where names do.

The model was trained on letters and forms and never sees case. In a plant's shorthand it takes `hyd hose` for a
person; yet it hesitates at rare names right behind `operator`. Both are put right as a shift of the prior odds that a
word is a name: odds = the model's odds x e^evidence (Saerens, Latinne and Decaestecker 2002, "Adjusting the outputs
of a classifier to new a priori probabilities").
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from sensorium_text.domain import Floats, Span
from sensorium_text.entities._trade_words import TRADE_WORDS

_STRONG, _WEAK = 5.0, 2.0
_IN_LOWER_CASE = -5.0  # in a line that writes other words with capitals
_IN_CAPITALS = -1.0  # an abbreviation, mostly
_OF_THE_TRADE = -3.0  # a word of the trade
_WITHOUT_CASE = -3.0  # in a line all in capitals or all in small letters: nothing tells names from words


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TITLES = _set(
    """
    mr mrs ms miss dr prof herr frau operator operators technician technicians tech fitter engineer supervisor foreman
    manager mechanic electrician welder inspector planner contractor driver employee colleague coworker machinist
    millwright apprentice leader lead boss chief dispatcher maintainer rigger storeman buyer customer visitor
    name names contact signed signature attn dear hi hello thanks sincerely regards author assignee owner originator
    techniker mechaniker elektriker meister schichtleiter kollege kollegin bediener ansprechpartner
    """
)
_ACTS = _set(
    """
    reported approved signed inspected checked done completed assigned requested performed handover handed replaced
    repaired tested verified confirmed installed raised logged entered written spoke talked told asked informed called
    phoned met submitted closed issued authorised authorized countersigned noticed found fixed cleaned witnessed
    escalated emailed contacted relieved trained supervised ordered received delivered
    """
)
_LINKS = _set("by to with from per for via of and")
_CALLS = _set("ask call contact tell inform notify see email phone text ping thank remind page per")
_REPORTS = _set(
    """
    reported reports said says noticed notices called calls asked asks confirmed confirms found checked replaced
    repaired fixed reset isolated tightened cleaned inspected logged told wants wanted suggested thinks will has is was
    heard saw observed requested complained arrived left emailed mailed wrote sent brought signed shut stopped
    started restarted swapped mentioned
    """
)
_LATIN = "A-Za-z\u00c0-\u024f"
_WORD = re.compile(rf"[{_LATIN}]+(?:['\u2019-][{_LATIN}]+)*")
_LINE = re.compile(r"[^\n]+")
_BESIDE = frozenset({" ", ". "})
_NEAR = re.compile(r"[^0-9A-Za-z\u00c0-\u024f]{0,3}")


def name_evidence(text: str, token_spans: Sequence[Span], contacts: Sequence[Span] = ()) -> Floats:
    """How much the log odds that a token belongs to a name shift by what is around it: `float32[T]`.

    Args:
        text: the text.
        token_spans: where its tokens are.
        contacts: telephone numbers and e-mail addresses in it, and parts of names, in order; people stand beside
            theirs.
    """
    by_character = np.zeros(len(text) + 1, np.float32)
    for line in _LINE.finditer(text):
        words = [Span(*word.span()) for word in _WORD.finditer(text, *line.span())]
        is_cased = _is_cased([word.of(text) for word in words])
        for word, invited in zip(words, _invitations(text, words, contacts), strict=True):
            by_character[word.begin : word.end] = invited + _form_evidence(word.of(text), is_cased)
    return np.array([by_character[span.begin] for span in token_spans], np.float32)


def shifted(probabilities: Floats, is_name: Sequence[bool], evidence: Floats) -> Floats:
    """Probabilities `float32[T,L]` after the odds of the labels marked have changed by e^evidence."""
    weights = np.where(np.asarray(is_name)[None, :], np.exp(evidence)[:, None], 1.0)
    result = probabilities * weights
    return np.asarray(result / result.sum(axis=1, keepdims=True), np.float32)


def _is_cased(words: Sequence[str]) -> bool:
    """Whether capitals tell names here: some words are small, and some are not."""
    return 0 < sum(word.islower() for word in words) < len(words)


def _form_evidence(written: str, is_cased: bool) -> float:
    """What a word's letters and case say."""
    of_the_trade = _OF_THE_TRADE if written.lower() in TRADE_WORDS else 0.0
    if not is_cased:
        return _WITHOUT_CASE + of_the_trade
    if written[0].islower():
        return _IN_LOWER_CASE + of_the_trade
    return of_the_trade + (_IN_CAPITALS if written.isupper() and len(written) > 1 else 0.0)


def _invitations(text: str, words: Sequence[Span], contacts: Sequence[Span]) -> list[float]:
    """For each word of a line, how much what is before and behind it expects a name."""
    lower = [word.of(text).lower() for word in words]
    beside = [text[a.end : b.begin] in _BESIDE for a, b in pairwise(words)]
    is_capital = [word.of(text)[0].isupper() for word in words]
    found = [
        max(_announced(text, words, lower, index), _WEAK if _is_near(text, words[index], contacts) else 0.0)
        for index in range(len(words))
    ]
    for index in range(len(words) - 1):  # a name of several words is expected as one
        if beside[index] and is_capital[index] and is_capital[index + 1]:
            found[index + 1] = max(found[index + 1], found[index])
    for index in range(len(words) - 2, -1, -1):
        is_first_of_name = is_capital[index] and is_capital[index + 1] and _is_near(text, words[index + 1], contacts)
        if beside[index] and (lower[index + 1] in _REPORTS or is_first_of_name):
            found[index] = max(found[index], _WEAK)
    return found


def _announced(text: str, words: Sequence[Span], lower: Sequence[str], index: int) -> float:
    if not index or not _NEAR.fullmatch(text, words[index - 1].end, words[index].begin):
        return 0.0
    before = lower[index - 1]
    is_act_by = before in _LINKS and index > 1 and lower[index - 2] in _ACTS
    if before in _TITLES or before in _CALLS or is_act_by:
        return _STRONG
    return _WEAK if before == "by" else 0.0


def _is_near(text: str, word: Span, contacts: Sequence[Span]) -> bool:
    """Whether nothing but punctuation is between the word and a telephone number or e-mail address."""
    place = bisect_left(contacts, word)
    before = [contact.end for contact in contacts[max(0, place - 1) : place] if contact.end <= word.begin]
    behind = [contact.begin for contact in contacts[place : place + 1] if word.end <= contact.begin]
    return any(_NEAR.fullmatch(text, end, word.begin) for end in before) or any(
        _NEAR.fullmatch(text, word.end, begin) for begin in behind
    )
