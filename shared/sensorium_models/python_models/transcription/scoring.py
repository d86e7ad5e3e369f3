"""How likely given texts are for a recording: each is spelled out as if the network had written it.

The texts are followed together as a tree, so that what several of them begin with is computed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .decoding import Networks, State, Utterance
from .search import Hypothesis

Array = NDArray[Any]
Text = tuple[int, ...]


def score(networks: Networks, utterances: Sequence[Utterance]) -> list[list[Hypothesis] | None]:
    """The candidates of each utterance in their order; None where nobody waits for them.

    A candidate's score is the log-probability of the whole text, its end included.
    """
    memory = networks.encode([each.pcm for each in utterances])
    state = networks.start(memory, 1)
    rows = (state.select([row], [row]) for row in range(len(utterances)))
    return [
        None if each.cancelled() else _score(networks, each, row) for each, row in zip(utterances, rows, strict=True)
    ]


def _score(networks: Networks, utterance: Utterance, state: State) -> list[Hypothesis]:
    texts = [(*candidate, networks.end) for candidate in utterance.candidates]
    values: dict[Text, float] = {}
    beginnings: list[Text] = [()]
    parents, tokens = [0], [networks.prompt(utterance)]
    while beginnings:
        log_probabilities, state = networks.step(state.select([0], parents), tokens)
        following = _following(texts, beginnings)
        values |= {text: float(log_probabilities[parent, text[-1]]) for text, parent in following.items()}
        longer = {text: parent for text, parent in following.items() if text[-1] != networks.end}
        beginnings, parents, tokens = list(longer), list(longer.values()), [[text[-1]] for text in longer]
    return [_hypothesis(text, [values[text[: end + 1]] for end in range(len(text))]) for text in texts]


def _following(texts: Sequence[Text], beginnings: Sequence[Text]) -> dict[Text, int]:
    """What texts have behind their beginnings, one token longer, with the place of the beginning."""
    places = {beginning: place for place, beginning in enumerate(beginnings)}
    length = len(beginnings[0])
    return {
        text[: length + 1]: places[text[:length]] for text in texts if len(text) > length and text[:length] in places
    }


def _hypothesis(text: Text, values: Sequence[float]) -> Hypothesis:
    return Hypothesis(text[:-1], tuple(values[:-1]), float(np.sum(values)), finished=True)
