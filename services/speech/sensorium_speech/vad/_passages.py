"""Utterances joined to passages: a recogniser hears a sentence better in the company of its neighbours."""

from collections.abc import Iterable

from sensorium_speech.domain import SAMPLE_RATE, Utterance

# A longer pause, in seconds, keeps passages apart: silence teaches a recogniser nothing.
_WIDEST_GAP = 2.0


def passages(utterances: Iterable[Utterance], longest: float) -> list[Utterance]:
    """Utterances of one track, each joined with those before it as long as all are near and fit into one passage.

    Args:
        utterances: in order.
        longest: seconds of a passage.
    """
    joined: list[Utterance] = []
    for utterance in utterances:
        before = joined[-1] if joined else None
        if (
            before is not None
            and utterance.begin - before.end <= _WIDEST_GAP * SAMPLE_RATE
            and utterance.end - before.begin <= longest * SAMPLE_RATE
        ):
            joined[-1] = _join(before, utterance)
        else:
            joined.append(utterance)
    return joined


def _join(first: Utterance, second: Utterance) -> Utterance:
    spoken, more = first.end - first.begin, second.end - second.begin
    confidence = (first.confidence * spoken + second.confidence * more) / (spoken + more)
    return Utterance(first.begin, second.end, confidence, second.cut)
