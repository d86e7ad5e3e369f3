"""How sure a command is, from the evidence for it."""

import math

from sensorium_speech.commands._decoding import Evidence

# By logistic regression on 1,300 utterances of four synthetic voices, clean and in three kinds of noise at 10 and 0 dB:
# ten commands, sentences that are none, and commands of another vocabulary.
_RATIO, _CLARITY, _BIAS = 3.46, 4.38, 14.3
# The same on 560 utterances of four voices, where the recogniser of free speech has been asked.
_RATIO_WITH_TEXT, _TEXT, _BIAS_WITH_TEXT = 1.97, 2.14, 13.2
_MOST = 50.0


def confidence(evidence: Evidence) -> float:
    """The probability that what was said is what the evidence is for, 0 to 1."""
    if evidence.text is None:
        x = _RATIO * evidence.ratio + _CLARITY * evidence.clarity + _BIAS
    else:
        x = _RATIO_WITH_TEXT * evidence.ratio + _TEXT * evidence.text + _BIAS_WITH_TEXT
    return 1 / (1 + math.exp(-max(-_MOST, min(_MOST, x))))
