import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_speech.domain import Utterance, VoiceActivity
from sensorium_speech.vad import FRAME, Began, Endpointer, segment

SECOND = 16_000 / FRAME  # frames
# Whole frames: 4 to begin, 10 to end, 5 around.
OPTIONS = VoiceActivity(0.5, 4 / SECOND, 10 / SECOND, 5 / SECOND, 100 / SECOND)


def frames(likelihoods: list[float], options: VoiceActivity = OPTIONS) -> list[tuple[int, int]]:
    """Utterances as first frame and the one behind the last."""
    found = list(segment(likelihoods, options))
    assert all(utterance.begin % FRAME == 0 == utterance.end % FRAME for utterance in found)
    return [(utterance.begin // FRAME, utterance.end // FRAME) for utterance in found]


def test_silence_has_no_utterance() -> None:
    assert frames([0.0] * 1000) == []


def test_speech_is_padded_on_both_sides() -> None:
    assert frames([0.0] * 20 + [0.9] * 30 + [0.0] * 20) == [(15, 55)]


def test_padding_ends_at_the_recording() -> None:
    assert frames([0.9] * 30 + [0.0] * 2) == [(0, 32)]


def test_a_burst_that_is_too_short_is_no_speech() -> None:
    assert frames([0.0] * 20 + [0.9] * 3 + [0.0] * 20 + [0.9] * 4 + [0.0] * 20) == [(38, 52)]


def test_a_short_pause_ends_nothing_and_the_next_longer_one_does() -> None:
    assert frames([0.9] * 10 + [0.0] * 9 + [0.9] * 10 + [0.0] * 10 + [0.9] * 10) == [(0, 34), (34, 49)]


def test_padding_of_neighbours_does_not_overlap() -> None:
    assert frames([0.9] * 10 + [0.0] * 10 + [0.9] * 10) == [(0, 15), (15, 30)]


@pytest.mark.parametrize(("likelihood", "expected"), [(0.36, [(0, 35)]), (0.34, [(0, 15)])])
def test_to_stay_speech_needs_less_than_to_begin(likelihood: float, expected: list[tuple[int, int]]) -> None:
    assert frames([0.9] * 10 + [likelihood] * 20 + [0.0] * 20) == expected
    assert frames([likelihood] * 50) == []


def test_the_confidence_is_that_of_the_speech_without_the_pause_after_it() -> None:
    (found,) = segment([0.0] * 20 + [0.6] * 10 + [1.0] * 10 + [0.1] * 20, OPTIONS)
    assert found.confidence == pytest.approx(0.8)


def test_long_speech_is_cut_where_it_is_weakest() -> None:
    likelihoods = [0.9] * 80 + [0.6] * 3 + [0.9] * 60
    found = list(segment(likelihoods, OPTIONS))
    assert [(one.begin // FRAME, one.end // FRAME, one.cut) for one in found] == [(0, 82, True), (82, 143, False)]


def test_long_speech_is_cut_in_its_last_third() -> None:
    (first, *_) = frames([0.9] * 30 + [0.4] * 3 + [0.9] * 200)
    assert 66 <= first[1] <= 100


def test_a_cut_resumes_at_once() -> None:
    endpointer = Endpointer(OPTIONS)
    events = [event for likelihood in [0.9] * 120 for event in endpointer.push(likelihood)]
    began, cut, resumed = events
    assert began == Began(0)
    assert isinstance(cut, Utterance)
    assert cut.cut
    assert resumed == Began(cut.end, resumed=True)


def test_padding_makes_no_utterance_too_long() -> None:
    options = VoiceActivity(0.5, min_speech=2, min_silence=0.1, padding=1, max_speech=2)
    found = list(segment([0.0] * 40 + [1.0] * 200, options))
    assert all(one.end - one.begin <= 2 * 16_000 + FRAME for one in found)


def test_speech_of_any_length_stays_whole_without_a_limit() -> None:
    options = VoiceActivity(0.5, 0.1, 0.3, 0.0, math.inf)
    assert frames([0.9] * 100_000, options) == [(0, 100_000)]


def test_to_finish_ends_the_utterance_under_way_and_the_next_begins_behind_it() -> None:
    endpointer = Endpointer(OPTIONS)
    for _ in range(20):
        endpointer.push(0.9)
    first = endpointer.finish()
    assert first is not None
    assert (first.begin, first.end, first.cut) == (0, 20 * FRAME, False)
    assert endpointer.finish() is None
    events = [event for _ in range(20) for event in endpointer.push(0.9)]
    assert events == [Began(20 * FRAME)]


def test_to_finish_before_speech_is_sure_does_nothing() -> None:
    endpointer = Endpointer(OPTIONS)
    for _ in range(3):
        endpointer.push(0.9)
    assert endpointer.finish() is None
    assert endpointer.push(0.9) == []


def test_what_may_still_be_needed_is_known() -> None:
    endpointer = Endpointer(OPTIONS)
    for _ in range(50):
        endpointer.push(0.0)
    assert endpointer.earliest == 45 * FRAME
    for _ in range(4):
        endpointer.push(0.9)
    assert endpointer.begin == endpointer.earliest == 45 * FRAME
    for _ in range(10):
        endpointer.push(0.0)
    assert endpointer.begin is None
    assert endpointer.earliest == 59 * FRAME


likelihood_lists = st.lists(
    st.tuples(st.floats(0, 1), st.integers(1, 60)).map(lambda run: [run[0]] * run[1]), max_size=30
).map(lambda runs: [likelihood for run in runs for likelihood in run])
options = st.builds(
    VoiceActivity, st.floats(0.05, 0.95), st.floats(0, 2), st.floats(0.1, 5), st.floats(0, 1), st.floats(2, 28)
)


@given(likelihood_lists, options)
def test_utterances_follow_each_other_within_the_recording(likelihoods: list[float], options: VoiceActivity) -> None:
    found = list(segment(likelihoods, options))
    assert all(0 <= one.begin < one.end <= len(likelihoods) * FRAME for one in found)
    assert all(first.end <= second.begin for first, second in pairwise(found))
    assert all(one.end - one.begin <= options.max_speech * 16_000 + FRAME for one in found)
    assert all(0 <= one.confidence <= 1 + 1e-9 for one in found)


@given(likelihood_lists, options)
def test_an_utterance_never_begins_before_what_is_still_needed(
    likelihoods: list[float], options: VoiceActivity
) -> None:
    endpointer = Endpointer(options)
    needed = 0
    for likelihood in likelihoods:
        for event in endpointer.push(likelihood):
            assert event.begin >= needed
        assert endpointer.earliest >= needed
        needed = endpointer.earliest


@given(likelihood_lists)
def test_no_long_stretch_of_speech_is_lost(likelihoods: list[float]) -> None:
    found = frames(likelihoods)
    spoken = [all(likelihood >= 0.5 for likelihood in likelihoods[i : i + 4]) for i in range(len(likelihoods) - 3)]
    for first in (i for i, is_spoken in enumerate(spoken) if is_spoken):
        assert all(any(begin <= frame < end for begin, end in found) for frame in range(first, first + 4))
