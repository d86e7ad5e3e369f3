import pytest

from sensorium_speech.domain import Utterance
from sensorium_speech.vad import passages


def at(*seconds: tuple[float, float], confidence: float = 0.9) -> list[Utterance]:
    return [Utterance(round(begin * 16_000), round(end * 16_000), confidence) for begin, end in seconds]


def times(utterances: list[Utterance]) -> list[tuple[float, float]]:
    return [(one.begin / 16_000, one.end / 16_000) for one in utterances]


@pytest.mark.parametrize(
    ("utterances", "expected"),
    [
        (at(), []),
        (at((1, 2)), [(1, 2)]),
        (at((1, 2), (3, 5), (6, 9)), [(1, 9)]),
        (at((1, 2), (4, 5), (7.1, 8)), [(1, 5), (7.1, 8)]),
        (at((0, 8), (9, 12), (12.5, 14)), [(0, 8), (9, 14)]),
        (at((0, 15), (15, 17)), [(0, 15), (15, 17)]),
    ],
    ids=["none", "one", "near", "a long pause", "too long together", "one that is too long alone"],
)
def test_passages(utterances: list[Utterance], expected: list[tuple[float, float]]) -> None:
    assert times(passages(utterances, longest=10)) == expected


def test_the_confidence_is_the_mean_over_the_speech() -> None:
    (joined,) = passages(at((0, 3), confidence=0.9) + at((4, 5), confidence=0.5), longest=10)
    assert joined.confidence == pytest.approx(0.8)
