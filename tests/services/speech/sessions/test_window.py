import pytest

from sensorium_core.errors import OutOfRangeError
from sensorium_speech.sessions import Numbered
from sensorium_speech.sessions._window import ResultWindow


def test_responses_are_numbered() -> None:
    window: ResultWindow[str] = ResultWindow()
    for response in "abc":
        window.append(response)
    assert list(window.since(0)) == [Numbered(0, "a"), Numbered(1, "b"), Numbered(2, "c")]
    assert list(window.since(2)) == [Numbered(2, "c")]
    assert list(window.since(3)) == []
    assert window.count == 3


def test_an_interim_response_goes_when_the_next_of_its_channel_comes() -> None:
    window: ResultWindow[str] = ResultWindow()
    for response, channel in (("a1", 1), ("b1", 2), ("a2", 1)):
        window.append(response, channel, interim=True)
    window.append("a", 1)
    window.append("event")
    assert list(window.since(0)) == [Numbered(1, "b1"), Numbered(3, "a"), Numbered(4, "event")]
    window.append("a3", 1, interim=True)
    assert [numbered.response for numbered in window.since(3)] == ["a", "event", "a3"]


def test_only_the_newest_are_kept() -> None:
    window: ResultWindow[int] = ResultWindow(most=10)
    for number in range(100):
        window.append(number)
        window.append(number, "channel", interim=True)
    assert len(list(window.since(window.count - 10))) <= 10
    with pytest.raises(OutOfRangeError) as caught:
        window.since(0)
    assert caught.value.reason == "RESULTS_GONE"
    first = int(caught.value.metadata["first_number"])
    assert next(window.since(first)).number >= first


def test_replaced_interim_responses_are_not_missed() -> None:
    window: ResultWindow[int] = ResultWindow(most=10)
    for number in range(1000):
        window.append(number, "channel", interim=True)
    assert list(window.since(0)) == [Numbered(999, 999)]
