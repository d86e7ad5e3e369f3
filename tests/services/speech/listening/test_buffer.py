import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium_speech.listening._buffer import SampleBuffer


def numbers(begin: int, end: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return (np.arange(begin, end) % 30_000).astype(np.int16)


@given(st.lists(st.tuples(st.integers(0, 40_000), st.integers(0, 40_000)), max_size=8))
def test_what_is_kept_is_what_came_and_was_not_dropped(steps: list[tuple[int, int]]) -> None:
    buffer = SampleBuffer()
    end = start = 0
    for count, kept in steps:
        buffer.append(numbers(end, end + count))
        end += count
        buffer.drop(end - kept)
        start = max(start, end - kept)
        assert buffer.end == end
        assert np.array_equal(buffer.cut(start, end), numbers(start, end))


def test_what_was_dropped_or_has_not_come_cannot_be_cut() -> None:
    buffer = SampleBuffer()
    buffer.append(numbers(0, 100))
    buffer.drop(10)
    for begin, end in ((9, 20), (90, 101), (20, 19)):
        with pytest.raises(IndexError):
            buffer.cut(begin, end)


def test_a_cut_is_a_copy() -> None:
    buffer = SampleBuffer()
    buffer.append(numbers(0, 100))
    cut = buffer.cut(0, 10)
    buffer.drop(50)
    buffer.append(numbers(5, 100))
    assert cut.tolist() == list(range(10))


def test_memory_follows_what_is_kept() -> None:
    buffer = SampleBuffer()
    for _ in range(1000):
        buffer.append(numbers(0, 10_000))
        buffer.drop(buffer.end - 5_000)
        assert buffer.room <= 32_768
    buffer.append(numbers(0, 1_000_000))
    buffer.drop(buffer.end - 5_000)
    assert buffer.room <= 32_768
