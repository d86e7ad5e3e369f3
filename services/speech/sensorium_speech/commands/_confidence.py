"""How sure a command is, from the evidence for it."""

import math

from sensorium_speech.commands._decoding import Evidence

# By logistic regression; see _decoding for what the numbers are.
_RATIO, _WORST, _CLARITY, _BIAS = 1.0, 0.0, 0.0, 3.0


def confidence(evidence: Evidence) -> float:
    """The probability that the utterance is a command of the vocabulary, 0 to 1."""
    x = _RATIO * evidence.ratio + _WORST * evidence.worst + _CLARITY * evidence.clarity + _BIAS
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, x))))
