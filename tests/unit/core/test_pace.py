"""Who is refused because an answer would come too late."""

from __future__ import annotations

from sensorium_core.pace import Pace

EACH = 0.02


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def work(pace: Pace, clock: Clock, each: float, requests: int, in_flight: int = 20) -> None:
    for _ in range(requests):
        clock.now += each
        pace.note_end(in_flight)


def test_nobody_is_late_before_anything_is_known() -> None:
    assert not Pace().is_late(200, 0.001)


def test_the_queue_before_a_request_may_take_half_of_its_time() -> None:
    pace = Pace(clock := Clock())
    work(pace, clock, EACH, 50)
    assert not pace.is_late(24, 1.0)
    assert pace.is_late(26, 1.0)
    assert not pace.is_late(26, 1.2)


def test_a_few_requests_are_no_queue() -> None:
    pace = Pace(clock := Clock())
    work(pace, clock, EACH, 50)
    assert not pace.is_late(7, 0.001)


def test_nothing_is_learned_while_the_service_has_little_to_do() -> None:
    pace = Pace(clock := Clock())
    work(pace, clock, EACH, 50)
    work(pace, clock, 10.0, 50, in_flight=3)
    assert not pace.is_late(24, 1.0)


def test_a_service_that_becomes_faster_takes_more() -> None:
    pace = Pace(clock := Clock())
    work(pace, clock, EACH, 50)
    work(pace, clock, EACH / 10, 2000)
    assert not pace.is_late(200, 1.0)
