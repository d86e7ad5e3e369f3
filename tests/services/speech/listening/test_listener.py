import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensorium_core.call import Call, serving
from sensorium_core.errors import InternalError, InvalidInputError, SensoriumError, UnavailableError
from sensorium_core.limits import BoundedExecutor
from sensorium_core.telemetry import Metrics
from sensorium_speech.domain import AudioFormat, Encoding, VoiceActivity
from sensorium_speech.listening import (
    FINALIZE,
    Happened,
    Happening,
    Heard,
    Input,
    Listener,
    ListenOptions,
    Output,
    RecognitionPlaces,
)
from services.speech.listening.standins import FORMAT, Loudness, Measure, chunks, loud, quiet, stream
from unit.core.support import until

OPTIONS = ListenOptions(FORMAT, VoiceActivity(min_speech=0.1, min_silence=0.32, padding=0.0))
SENTENCES = quiet(1) + loud(2) + quiet(1) + loud(1) + quiet(1)


@pytest.fixture
def work() -> Iterator[BoundedExecutor]:
    with BoundedExecutor(1, 100, Metrics()) as executor:
        yield executor


async def outputs(
    inputs: AsyncIterator[Input], options: ListenOptions, work: BoundedExecutor, hearer: Measure | None = None
) -> list[Output[int]]:
    listener = Listener(options, Loudness(), hearer or Measure(), work)
    async with aclosing(listener.listen(inputs)) as found:
        return [output async for output in found]


def told(found: list[Output[int]]) -> list[object]:
    """Outputs in short: what happened with its time, or what was heard with its place."""
    return [
        (one.what.name, round(one.seconds, 1))
        if isinstance(one, Happened)
        else (one.value, round(one.utterance.begin / 16_000, 1), "final" if one.final else "interim")
        for one in found
    ]


async def test_each_utterance_has_a_final_result(work: BoundedExecutor) -> None:
    found = await outputs(stream(SENTENCES), OPTIONS, work)
    assert told(found) == [(20, 1.0, "final"), (10, 4.0, "final")]
    assert [one.index for one in found if isinstance(one, Heard)] == [0, 1]


@pytest.mark.parametrize("size", [333, 1024, 3200, 32_001, 1_000_000])
async def test_chunks_of_any_size_give_the_same(work: BoundedExecutor, size: int) -> None:
    found = await outputs(stream(*chunks(SENTENCES, size)), OPTIONS, work)
    assert told(found) == [(20, 1.0, "final"), (10, 4.0, "final")]


async def test_an_utterance_is_heard_with_what_came_before_it(work: BoundedExecutor) -> None:
    hearer = Measure(context=40_000)
    assert told(await outputs(stream(SENTENCES), OPTIONS, work, hearer)) == [(20, 1.0, "final"), (10, 4.0, "final")]
    assert [round(count / 1600) for count in hearer.before] == [10, 25]


async def test_the_utterance_under_way_ends_with_the_stream(work: BoundedExecutor) -> None:
    assert told(await outputs(stream(quiet(1), loud(1)), OPTIONS, work)) == [(10, 1.0, "final")]


async def test_nothing_comes_of_nothing(work: BoundedExecutor) -> None:
    assert await outputs(stream(), OPTIONS, work) == []
    assert await outputs(stream(b"", b"\0"), OPTIONS, work) == []
    assert await outputs(stream(FINALIZE), OPTIONS, work) == []


async def test_interim_results_come_every_half_second(work: BoundedExecutor) -> None:
    options = ListenOptions(FORMAT, OPTIONS.voice_activity, interim=True)
    listener = Listener(options, Loudness(), Measure(), work)

    async def paced() -> AsyncIterator[Input]:
        for chunk in chunks(loud(1.8) + quiet(1)):
            yield chunk
            await asyncio.sleep(0)  # a speaker is slower than the stand-in

    found = [output async for output in listener.listen(paced())]
    assert told(found) == [
        (6, 0.0, "interim"),
        (11, 0.0, "interim"),
        (16, 0.0, "interim"),
        (18, 0.0, "final"),  # what is heard in the pause behind it is this already
    ]
    assert {one.index for one in found if isinstance(one, Heard)} == {0}


async def test_events_tell_where_speech_begins_and_ends(work: BoundedExecutor) -> None:
    options = ListenOptions(FORMAT, OPTIONS.voice_activity, events=True)
    assert told(await outputs(stream(quiet(1) + loud(2) + quiet(1)), options, work)) == [
        ("BEGIN", 1.0),
        ("END", 3.0),
        (20, 1.0, "final"),
    ]


async def test_a_cut_is_neither_end_nor_beginning_of_speech(work: BoundedExecutor) -> None:
    options = ListenOptions(FORMAT, VoiceActivity(min_silence=0.32, padding=0, max_speech=3), events=True)
    found = await outputs(stream(loud(4) + quiet(1)), options, work)
    assert [one.what for one in found if isinstance(one, Happened)] == [Happening.BEGIN, Happening.END]
    finals = [one for one in found if isinstance(one, Heard)]
    assert [one.utterance.cut for one in finals] == [True, False]
    assert finals[0].utterance.end == finals[1].utterance.begin


async def test_finalize_ends_the_utterance_at_once(work: BoundedExecutor) -> None:
    found = await outputs(stream(loud(1), FINALIZE, loud(1), FINALIZE, FINALIZE), OPTIONS, work)
    assert told(found) == [(10, 0.0, "final"), (10, 1.0, "final")]


@pytest.mark.parametrize(
    ("options", "sound", "expected"),
    [
        (ListenOptions(FORMAT, start_timeout=2), quiet(9), [("SILENCE_TIMEOUT", 2.0)]),
        (ListenOptions(FORMAT, end_timeout=2), quiet(9), []),
        (
            ListenOptions(FORMAT, OPTIONS.voice_activity, start_timeout=2, end_timeout=3),
            quiet(1) + loud(1) + quiet(2.5) + loud(1) + quiet(9),
            [(10, 1.0, "final"), (10, 4.5, "final"), ("SILENCE_TIMEOUT", 8.5)],
        ),
        (
            ListenOptions(FORMAT, OPTIONS.voice_activity, max_seconds=2),
            quiet(1) + loud(9),
            [(10, 1.0, "final"), ("DURATION_TIMEOUT", 2.0)],
        ),
    ],
    ids=["no speech", "no speech at all is no pause after it", "no further speech", "length"],
)
async def test_a_stream_ends_by_a_timeout(
    work: BoundedExecutor, options: ListenOptions, sound: bytes, expected: list[object]
) -> None:
    for size in (3200, 1_000_000):
        assert told(await outputs(stream(*chunks(sound, size)), options, work)) == expected


async def test_minutes_of_silence_between_sentences(work: BoundedExecutor) -> None:
    found = await outputs(stream(quiet(300), loud(1), quiet(300), loud(1)), OPTIONS, work)
    assert told(found) == [(10, 300.0, "final"), (10, 601.0, "final")]


async def test_channels_are_heard_each_for_itself(work: BoundedExecutor) -> None:
    left = np.frombuffer(quiet(1) + loud(1) + quiet(2), "<i2")
    right = np.frombuffer(quiet(2) + loud(1.5) + quiet(0.5), "<i2")
    sound = np.stack([left, right], axis=1).astype("<i2").tobytes()
    options = ListenOptions(AudioFormat(Encoding.LINEAR16, 16_000, 2), OPTIONS.voice_activity, separate=True)
    found = [one for one in await outputs(stream(sound), options, work) if isinstance(one, Heard)]
    assert [(one.tag, one.index, one.value) for one in found] == [(1, 0, 10), (2, 0, 15)]


async def test_results_are_calls_of_their_own(work: BoundedExecutor) -> None:
    with serving(Call(request_id="r" * 128)):
        found = await outputs(stream(SENTENCES), OPTIONS, work)
    ids = [one.call.request_id for one in found if isinstance(one, Heard)]
    assert ids == ["r" * 126 + "/0", "r" * 126 + "/1"]


async def test_a_wrong_input_is_told_behind_what_was_heard(work: BoundedExecutor) -> None:
    async def broken() -> AsyncIterator[Input]:
        yield loud(1)
        raise InvalidInputError("no", reason="STREAM_ORDER")

    found, error = await until_failure(Listener(OPTIONS, Loudness(), Measure(), work), broken())
    assert error.reason == "STREAM_ORDER"
    assert told(found) == [(10, 0.0, "final")]


async def test_sound_that_cannot_be_is_told_behind_what_was_heard(work: BoundedExecutor) -> None:
    options = ListenOptions(AudioFormat(Encoding.FLOAT32, 16_000), OPTIONS.voice_activity)
    sound = np.full(16_000, 0.5, "<f4").tobytes()
    found, error = await until_failure(Listener(options, Loudness(), Measure(), work), stream(sound, b"\xff" * 4))
    assert error.reason == "AUDIO_CORRUPT"
    assert told(found) == [(10, 0.0, "final")]


async def test_a_model_that_comes_back_loses_nothing(work: BoundedExecutor) -> None:
    away = [UnavailableError("away", reason="MODEL_UNAVAILABLE", retry_delay=0.001) for _ in range(3)]
    listener = Listener(OPTIONS, Loudness(*away), Measure(*away), work)
    found = [output async for output in listener.listen(stream(SENTENCES))]
    assert told(found) == [(20, 1.0, "final"), (10, 4.0, "final")]


async def test_a_model_that_stays_away_ends_the_stream(work: BoundedExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sensorium_speech.listening._recognition.PATIENCE", 0.05)
    away = [UnavailableError("away", reason="MODEL_UNAVAILABLE", retry_delay=0.01) for _ in range(100)]
    for detector, hearer in ((Loudness(*away), Measure()), (Loudness(), Measure(*away))):
        with pytest.raises(UnavailableError):
            async for _ in Listener(OPTIONS, detector, hearer, work).listen(stream(SENTENCES)):
                pass


async def test_a_defect_of_the_recogniser_ends_the_stream(work: BoundedExecutor) -> None:
    with pytest.raises(InternalError):
        await outputs(stream(SENTENCES), OPTIONS, work, Measure(InternalError()))


async def test_an_interim_result_that_fails_is_left_out(work: BoundedExecutor) -> None:
    options = ListenOptions(FORMAT, OPTIONS.voice_activity, interim=True)
    found = await outputs(stream(loud(0.6), quiet(0.1)), options, work, Measure(InternalError()))
    assert told(found) == [(6, 0.0, "final")]


async def test_interim_results_of_all_streams_share_places(work: BoundedExecutor) -> None:
    hearer, places = Measure(), RecognitionPlaces(2)
    hearer.go.clear()
    options = ListenOptions(FORMAT, OPTIONS.voice_activity, interim=True)
    streams = [Listener(options, Loudness(), hearer, work, places) for _ in range(5)]
    found = [asyncio.create_task(_collect(one.listen(stream(*chunks(loud(2)))))) for one in streams]
    await until(lambda: hearer.running == 5)  # the final ones: each has taken the place of an interim one
    assert hearer.started <= 7
    hearer.go.set()
    assert [told(await one) for one in found] == [[(20, 0.0, "final")]] * 5
    assert places.free


async def test_no_interim_result_is_sought_while_final_ones_take_the_places(work: BoundedExecutor) -> None:
    hearer, places = Measure(), RecognitionPlaces(2)
    hearer.go.clear()
    options = ListenOptions(FORMAT, OPTIONS.voice_activity, interim=True)
    finals = [Listener(OPTIONS, Loudness(), hearer, work, places) for _ in range(2)]
    ending = [asyncio.create_task(_collect(one.listen(stream(*chunks(loud(1)))))) for one in finals]
    await until(lambda: hearer.running == 2)
    assert not places.free
    listener = Listener(options, Loudness(), hearer, work, places)
    found = asyncio.create_task(_collect(listener.listen(stream(*chunks(loud(3) + quiet(1))))))
    await until(lambda: hearer.running == 3)  # its final one
    assert hearer.started == 3
    hearer.go.set()
    assert told(await found) == [(30, 0.0, "final")]
    assert [told(await one) for one in ending] == [[(10, 0.0, "final")]] * 2


async def test_an_interim_result_gives_way_to_the_final_one(work: BoundedExecutor) -> None:
    hearer = Measure()
    hearer.go.clear()
    listener = Listener(ListenOptions(FORMAT, OPTIONS.voice_activity, interim=True), Loudness(), hearer, work)
    found = asyncio.create_task(_collect(listener.listen(stream(*chunks(loud(3) + quiet(1))))))
    await until(lambda: hearer.started == 2)
    await until(lambda: hearer.running == 1)
    hearer.go.set()
    assert told(await found) == [(30, 0.0, "final")]


async def test_an_utterance_is_recognised_while_its_pause_lasts(work: BoundedExecutor) -> None:
    sound, hearer = Sound(), Measure()
    async with listening(sound, hearer, work) as entries:
        await sound.put(loud(1) + quiet(0.2))
        await until(lambda: hearer.started == 1)
        assert entries.empty()  # the pause may be none: nothing is told
        await sound.put(quiet(0.2))
        assert told([await entries.get()]) == [(10, 0.0, "final")]
        assert hearer.started == 1


async def test_speech_that_goes_on_is_recognised_again(work: BoundedExecutor) -> None:
    sound, hearer = Sound(), Measure()
    hearer.go.clear()
    async with listening(sound, hearer, work) as entries:
        await sound.put(loud(1) + quiet(0.2))
        await until(lambda: hearer.running == 1)
        await sound.put(loud(0.2))
        await until(lambda: hearer.running == 0)  # what was begun early is given up
        hearer.go.set()
        await sound.put(loud(0.8) + quiet(0.4))
        assert told([await entries.get()]) == [(22, 0.0, "final")]
        assert entries.empty()
    assert hearer.started == 2


async def test_a_pause_that_is_finalized_is_recognised_once(work: BoundedExecutor) -> None:
    sound, hearer = Sound(), Measure()
    async with listening(sound, hearer, work) as entries:
        await sound.put(loud(1) + quiet(0.2))
        await until(lambda: hearer.started == 1)
        await sound.put(FINALIZE)
        assert told([await entries.get()]) == [(10, 0.0, "final")]
    assert hearer.started == 1


async def test_a_failure_in_the_pause_is_told_when_the_utterance_ends(work: BoundedExecutor) -> None:
    sound, hearer = Sound(), Measure(InternalError())
    async with listening(sound, hearer, work) as entries:
        await sound.put(loud(1) + quiet(0.2))
        await until(lambda: hearer.started == 1)
        await sound.put(quiet(0.4))
        assert isinstance(await entries.get(), InternalError)


class Sound:
    """Sound that a test sends bit by bit."""

    def __init__(self) -> None:
        self._items: asyncio.Queue[Input | None] = asyncio.Queue()
        self._taken = asyncio.Event()

    async def put(self, item: Input) -> None:
        """Sends an item; returns when the one before it was dealt with."""
        await self._items.put(item)

    async def items(self) -> AsyncIterator[Input]:
        while (item := await self._items.get()) is not None:
            yield item

    async def end(self) -> None:
        await self._items.put(None)


@asynccontextmanager
async def listening(sound: Sound, hearer: Measure, work: BoundedExecutor) -> AsyncIterator[asyncio.Queue[Any]]:
    """Listens to sound with pauses of 0.32 s while the block runs; gives what is heard, or the error."""
    entries: asyncio.Queue[Any] = asyncio.Queue()

    async def listen() -> None:
        try:
            async with aclosing(Listener(OPTIONS, Loudness(), hearer, work).listen(sound.items())) as found:
                async for output in found:
                    entries.put_nowait(output)
        except Exception as error:
            entries.put_nowait(error)

    task = asyncio.create_task(listen())
    try:
        yield entries
    finally:
        await sound.end()
        await task


async def test_a_reader_that_stops_stops_the_reading_of_sound(work: BoundedExecutor) -> None:
    taken = 0

    async def endless() -> AsyncIterator[Input]:
        nonlocal taken
        while True:
            taken += 1
            yield loud(1) + quiet(1)

    hearer = Measure()
    listener = Listener(OPTIONS, Loudness(), hearer, work)
    async with aclosing(listener.listen(endless())) as found:
        await anext(found)
        await until(listener._entries.full)
        for _ in range(100):
            await asyncio.sleep(0)
        assert taken < 20
        await anext(found)


async def test_a_caller_who_leaves_leaves_nothing_behind(work: BoundedExecutor) -> None:
    closed = asyncio.Event()

    async def endless() -> AsyncGenerator[Input, None]:
        try:
            while True:
                yield loud(1) + quiet(1)
        finally:
            closed.set()

    hearer = Measure()
    hearer.go.clear()
    listener = Listener(OPTIONS, Loudness(), hearer, work)
    reading = asyncio.create_task(_collect(listener.listen(endless())))
    await until(lambda: hearer.running >= 5)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert hearer.running == 0
    assert closed.is_set()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_long_stream_keeps_no_memory(work: BoundedExecutor) -> None:
    async def hour() -> AsyncIterator[Input]:
        for _ in range(120):
            yield loud(20) + quiet(10)

    options = ListenOptions(FORMAT, VoiceActivity(max_speech=5))
    listener = Listener(options, Loudness(), Measure(), work)
    async with aclosing(listener.listen(hour())) as found:
        async for _ in found:
            assert listener._tracks[0].buffer.room <= 16 * 16_000
    assert listener.seconds == pytest.approx(3600, abs=0.1)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.booleans(), st.floats(0.05, 2)), max_size=10), st.integers(500, 20_000))
async def test_a_stream_in_pieces_gives_what_it_gives_in_one(parts: list[tuple[bool, float]], size: int) -> None:
    sound = b"".join(loud(seconds) if is_loud else quiet(seconds) for is_loud, seconds in parts)
    with BoundedExecutor(1, 10, Metrics()) as work:
        whole = told(await outputs(stream(sound), OPTIONS, work))
        assert told(await outputs(stream(*chunks(sound, size)), OPTIONS, work)) == whole


async def until_failure(
    listener: Listener[int], inputs: AsyncIterator[Input]
) -> tuple[list[Output[int]], SensoriumError]:
    found: list[Output[int]] = []
    try:
        async for output in listener.listen(inputs):
            found.append(output)  # noqa: PERF401 - a comprehension would lose them when the error comes
    except SensoriumError as error:
        return found, error
    raise AssertionError("the stream did not fail")


async def _collect(found: AsyncGenerator[Output[int], None]) -> list[Output[int]]:
    async with aclosing(found):
        return [output async for output in found]
