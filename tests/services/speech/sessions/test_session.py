import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Hashable

import pytest

from sensorium_core.call import Call, serving
from sensorium_core.errors import InternalError, NotFoundError, SensoriumError, UnavailableError, WrongStateError
from sensorium_speech.domain import AudioFormat, Encoding
from sensorium_speech.listening import FINALIZE, Input
from sensorium_speech.sessions import Received, Session
from sensorium_speech.sessions._session import MOST_KNOWN

FORMAT = AudioFormat(Encoding.UINT8, 8_000)


class Echo:
    """Answers with what it gets; a test holds it by clearing `go`."""

    def __init__(self, most: int = 1_000_000) -> None:
        self.go = asyncio.Event()
        self.go.set()
        self.most = most
        self.ended = False

    async def answer(self, inputs: AsyncIterator[Input]) -> AsyncGenerator[str, None]:
        try:
            for _ in range(self.most):
                await self.go.wait()
                item = await anext(inputs, None)
                if item is None:
                    return
                if item == b"fail":
                    raise UnavailableError("away", reason="MODEL_UNAVAILABLE")
                if item == b"defect":
                    raise ZeroDivisionError
                yield "finalize" if item is FINALIZE else item.decode()
        finally:
            self.ended = True


def key(response: str) -> tuple[Hashable, bool]:
    return None, False


def session(echo: Echo | None = None) -> Session[str]:
    return Session("sessions/1", FORMAT, (echo or Echo()).answer, key)


async def watched(one: Session[str], first: int = 0) -> list[tuple[int, str]]:
    return [(numbered.number, numbered.response) async for numbered in one.watch(first)]


async def test_what_goes_in_comes_out() -> None:
    one = session()
    watching = asyncio.create_task(watched(one))
    assert await one.push(0, b"one", finalize=False) == Received(1, 3 / 8000)
    assert await one.push(1, b"two", finalize=True) == Received(2, 6 / 8000)
    await one.close()
    assert await watching == [(0, "one"), (1, "two"), (2, "finalize")]
    assert one.response_count == 3


async def test_a_repeated_chunk_is_ignored() -> None:
    one = session()
    await one.push(0, b"one", finalize=False)
    assert await one.push(0, b"one", finalize=False) == Received(1, 3 / 8000, repeated=True)
    await one.close()
    assert await one.push(0, b"one", finalize=False) == Received(1, 3 / 8000, repeated=True)
    assert await watched(one) == [(0, "one")]


@pytest.mark.parametrize(("audio", "finalize"), [(b"two", False), (b"one", True), (b"", False)])
async def test_another_chunk_of_the_same_number_is_refused(audio: bytes, finalize: bool) -> None:
    one = session()
    await one.push(0, b"one", finalize=False)
    with pytest.raises(WrongStateError) as caught:
        await one.push(0, audio, finalize=finalize)
    assert caught.value.reason == "SEQUENCE_CONFLICT"
    assert caught.value.metadata == {"next_sequence_number": "1"}
    assert [violation.field for violation in caught.value.violations] == ["sequence_number"]
    await one.close()
    assert await watched(one) == [(0, "one")]


async def test_what_chunks_were_is_known_of_the_newest_only() -> None:
    one = session()
    for number in range(MOST_KNOWN + 1):
        await one.push(number, str(number).encode(), finalize=False)
    assert (await one.push(0, b"other", finalize=False)).repeated
    assert (await one.push(1, b"1", finalize=False)).repeated
    with pytest.raises(WrongStateError, match="has another chunk 1;"):
        await one.push(1, b"other", finalize=False)
    await one.discard()


async def test_whoever_pushes_into_a_session_that_failed_hears_why() -> None:
    one = session()
    await one.push(0, b"fail", finalize=False)
    with pytest.raises(UnavailableError, match="away"):
        await one.push(1, b"two", finalize=False)
    assert one.received.next_number == 1


async def test_a_missing_chunk_is_told() -> None:
    one = session()
    await one.push(0, b"one", finalize=False)
    with pytest.raises(WrongStateError) as caught:
        await one.push(2, b"three", finalize=False)
    assert caught.value.reason == "SEQUENCE_GAP"
    assert caught.value.metadata == {"next_sequence_number": "1"}
    await one.discard()


async def test_a_watch_goes_on_where_another_broke_off() -> None:
    one = session()
    for number in range(5):
        await one.push(number, str(number).encode(), finalize=False)
    first = one.watch(0)
    seen = [await anext(first) for _ in range(2)]
    await first.aclose()
    await one.close()
    assert [(numbered.number, numbered.response) for numbered in seen] == [(0, "0"), (1, "1")]
    assert await watched(one, 2) == [(2, "2"), (3, "3"), (4, "4")]
    assert await watched(one, 2) == [(2, "2"), (3, "3"), (4, "4")]


async def test_a_chunk_waits_while_the_session_cannot_keep_up() -> None:
    echo = Echo()
    echo.go.clear()
    one = session(echo)
    await one.push(0, b"one", finalize=False)
    second = asyncio.create_task(one.push(1, b"two", finalize=False))
    await asyncio.sleep(0)
    assert not second.done()
    echo.go.set()
    assert (await second).next_number == 2
    await one.discard()


async def test_a_chunk_whose_time_has_passed_was_not_received() -> None:
    echo = Echo()
    echo.go.clear()
    one = session(echo)
    await one.push(0, b"one", finalize=False)
    with serving(Call(deadline=time.monotonic() + 0.01)), pytest.raises(TimeoutError):
        await one.push(1, b"two", finalize=False)
    assert one.received.next_number == 1
    echo.go.set()
    await one.push(1, b"two", finalize=False)
    await one.close()
    assert await watched(one) == [(0, "one"), (1, "two")]


async def test_the_same_chunk_twice_at_a_time_is_received_once() -> None:
    one = session()
    received = await asyncio.gather(*(one.push(0, b"one", finalize=False) for _ in range(10)))
    assert sorted(each.repeated for each in received) == [False] + 9 * [True]
    await one.close()
    assert await watched(one) == [(0, "one")]


async def test_no_sound_after_the_end() -> None:
    one = session()
    await one.close()
    await one.close()
    with pytest.raises(WrongStateError) as caught:
        await one.push(0, b"one", finalize=False)
    assert caught.value.reason == "SESSION_CLOSED"


async def test_no_sound_after_the_stream_has_ended_by_itself() -> None:
    one = session(Echo(most=1))
    await one.push(0, b"one", finalize=False)
    assert await watched(one) == [(0, "one")]
    with pytest.raises(WrongStateError) as caught:
        await one.push(1, b"two", finalize=False)
    assert caught.value.reason == "SESSION_CLOSED"
    await one.close()


@pytest.mark.parametrize(("sound", "error"), [(b"fail", UnavailableError), (b"defect", InternalError)])
async def test_a_failure_is_told_behind_what_was_heard(sound: bytes, error: type[SensoriumError]) -> None:
    one = session()
    await one.push(0, b"one", finalize=False)
    await one.push(1, sound, finalize=False)
    watching = one.watch(0)
    assert (await anext(watching)).response == "one"
    with pytest.raises(error):
        await anext(watching)
    with pytest.raises(error):
        await one.close()


async def test_a_session_that_is_discarded_ends_everything() -> None:
    echo = Echo()
    one = session(echo)
    await one.push(0, b"one", finalize=False)
    watching = asyncio.create_task(watched(one))
    await asyncio.sleep(0)
    await one.discard()
    with pytest.raises(NotFoundError):
        await watching
    assert echo.ended
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_session_outlives_the_deadline_of_the_call_that_opened_it() -> None:
    class Deadline(Echo):
        async def answer(self, inputs: AsyncIterator[Input]) -> AsyncGenerator[str, None]:
            from sensorium_core.call import current_call  # noqa: PLC0415 - what the recogniser would see

            async for _ in inputs:
                yield f"{current_call().request_id} {current_call().deadline}"

    with serving(Call(request_id="opening", deadline=time.monotonic() + 1)):
        one = session(Deadline())
    await one.push(0, b"one", finalize=False)
    await one.close()
    assert await watched(one) == [(0, "opening None")]
