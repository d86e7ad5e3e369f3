"""What speech costs and how fast it is answered: `make bench-speech`.

Costs are processor seconds of all serving processes (service, Triton, models) for a second of sound, less what they
take when nothing is asked of them; so what others do on the machine does not count, though it slows. Times are by the
clock and do count it. Sound is `beckett` and `two_cities`, real speech with pauses.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import grpc
import numpy as np

from bench.processes import Process, cpu_seconds, machine_seconds, since
from bench.speech_streams import RATE, Played, play
from integration import recordings
from integration.conftest import ROOT, Stack, running_stack
from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.speech.v1.speech_service_pb2_grpc import SpeechServiceStub
from sensorium.type.v1 import audio_pb2
from sensorium_core.triton import ModelCounters, TritonClient

IDLE_SECONDS, ROUNDS, STREAMS = 10.0, 5, 16
UNARY, STREAMING, FINAL = 0.05, 0.12, 0.25
SAID = {"beckett": recordings.BECKETT, "two_cities": recordings.TWO_CITIES}


class Meter:
    """Processor time of a stack's processes."""

    def __init__(self, stack: Stack) -> None:
        self._roots = [process.pid for process in stack.processes.values()]
        self.idle: dict[str, float] = {}

    def read(self) -> dict[Process, float]:
        """Seconds so far, by process."""
        return cpu_seconds(self._roots)

    async def rest(self) -> None:
        """Finds out what is spent when nothing is asked."""
        before, start = self.read(), time.monotonic()
        await asyncio.sleep(IDLE_SECONDS)
        passed = time.monotonic() - start
        self.idle = {name: seconds / passed for name, seconds in since(before, self.read()).items()}

    def start(self) -> "Span":
        """Begins to measure."""
        return Span(self, self.read(), time.monotonic(), machine_seconds(), time.process_time())


class Span(NamedTuple):
    """A stretch of time that is measured."""

    meter: Meter
    before: dict[Process, float]
    began: float
    machine: float
    own: float

    @property
    def seconds(self) -> float:
        """By the clock."""
        return time.monotonic() - self.began

    def cost(self, sound: float) -> dict[str, float]:
        """Processor seconds for a second of `sound`, without those of rest."""
        spent, seconds = since(self.before, self.meter.read()), self.seconds
        return {name: (value - self.meter.idle.get(name, 0.0) * seconds) / sound for name, value in spent.items()}

    @property
    def others(self) -> float:
        """How many processors had something else to do: neither to serve nor to ask."""
        spent = sum(since(self.before, self.meter.read()).values()) + time.process_time() - self.own
        return (machine_seconds() - self.machine - spent) / self.seconds


async def unary(stub: SpeechServiceStub, meter: Meter) -> float:
    """Recordings one by one."""
    span, sound = meter.start(), 0.0
    for name in list(SAID) * ROUNDS:
        audio = audio_pb2.Audio(encoded=recordings.path(name).read_bytes())
        response = await stub.Recognize(pb.RecognizeRequest(audio=audio))  # type: ignore[misc]  # it is aio's
        assert recordings.word_error_rate(SAID[name], _text(response)) <= 0.05
        sound += len(recordings.pcm(name)) / RATE
    more = f"{span.seconds / sound:.3f} by the clock"
    return tell("unary", span, sound, UNARY, more)


async def streaming(stub: SpeechServiceStub, meter: Meter, count: int) -> tuple[float, list[Played]]:
    """Streams at a time, at the speed of speech, that begin at different moments."""
    sounds = [_sound(number) for number in range(count)]
    span = meter.start()

    async def later(number: int) -> Played:
        await asyncio.sleep(0.37 * number % 5)
        return await play(stub, sounds[number])

    played = await asyncio.gather(*(later(number) for number in range(count)))
    sound = sum(len(one) for one in sounds) / RATE
    cost = tell(f"{count} stream{'s' if count > 1 else ''}", span, sound, STREAMING, f"in {span.seconds:.0f} s")
    tell_times(played)
    return cost, played


def _sound(number: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """The recordings from another place on for each stream."""
    whole = np.concatenate([recordings.pcm("two_cities"), recordings.pcm("beckett")])
    return np.roll(whole, -number * len(whole) // STREAMS)


def _text(response: pb.RecognizeResponse) -> str:
    return " ".join(result.alternatives[0].transcript for result in response.results)


def tell(what: str, span: Span, sound: float, target: float, more: str) -> float:
    """Prints a cost with its parts, the largest first."""
    others, cost = span.others, span.cost(sound)
    total = sum(cost.values())
    parts = sorted(cost.items(), key=lambda item: item[1], reverse=True)
    told = ", ".join(f"{name} {seconds:.4f}" for name, seconds in parts if seconds >= 0.0005)
    verdict = "" if total <= target else ", MORE THAN"
    print(f"{what}: {total:.4f} s for a second of sound{verdict} (at most {target}), {more}; {told}", flush=True)
    print(f"  other processes of the machine kept {others:.2f} processors busy meanwhile", flush=True)
    return total


def tell_times(played: Sequence[Played]) -> None:
    """Prints when results came."""
    for what, values in {
        "final result after the end of speech is told": [one for each in played for one in each.after_event],
        "final result after the sound that decides the end": [one for each in played for one in each.after_sound],
        "interim result after the sound up to which it goes": [one for each in played for one in each.interim_age],
        "end of the stream after the end of its sound": [each.behind for each in played],
    }.items():
        print(f"  {what}: {percentiles(values)}", flush=True)
    interim = sum(each.interim for each in played)
    finals = sum(len(each.text) for each in played)
    print(f"  {finals} final and {interim} interim results", flush=True)


def percentiles(values: Sequence[float]) -> str:
    """Median, 95th percentile and most, in milliseconds."""
    if not values:
        return "none"
    told = (statistics.median(values), percentile(values, 0.95), max(values))
    return " / ".join(f"{seconds * 1e3:.0f}" for seconds in told) + f" ms (p50/p95/most of {len(values)})"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that such a share does not exceed."""
    return sorted(values)[min(len(values) - 1, round(share * len(values)))]


def tell_batches(before: Mapping[str, ModelCounters], after: Mapping[str, ModelCounters]) -> None:
    """Prints how many rows shared an execution."""
    for name, now in sorted(after.items()):
        delta = now.since(before[name])
        sizes = {size: runs for size, runs in sorted(delta.batches.items()) if runs}
        if delta.execution_count:
            mean = delta.inference_count / delta.execution_count
            told = f"{delta.inference_count} rows in {delta.execution_count} executions ({mean:.2f} each)"
            print(f"  {name}: {told}: {sizes}")


async def main(stack: Stack) -> bool:
    """Prints everything; whether all of it is as it should be."""
    meter = Meter(stack)
    async with (
        grpc.aio.insecure_channel(stack.address("speech")) as channel,
        TritonClient(stack.triton_address) as triton,
    ):
        stub = SpeechServiceStub(channel)
        audio = audio_pb2.Audio(encoded=recordings.path("two_cities").read_bytes())
        await stub.Recognize(pb.RecognizeRequest(audio=audio))  # all is warm then
        await meter.rest()
        told = ", ".join(f"{name} {seconds:.4f}" for name, seconds in sorted(meter.idle.items()) if seconds >= 0.0005)
        print(f"idle: {sum(meter.idle.values()):.4f} s a second ({told}); load average {_load()}", flush=True)
        one = await unary(stub, meter)
        alone, first = await streaming(stub, meter, 1)
        before = await triton.statistics(5)
        _, many = await streaming(stub, meter, STREAMS)
        tell_batches(before, await triton.statistics(5))
        heard = " ".join(first[0].text)
        said = f"{recordings.TWO_CITIES} {recordings.BECKETT}"
        print(f"words that a stream got wrong: {recordings.word_error_rate(said, heard):.1%}")
        finals = [seconds for each in (*first, *many) for seconds in each.after_event]
        kept_up = max(each.behind for each in many) < 1.0
        print(f"load average {_load()}; every stream kept up: {kept_up}")
    return one <= UNARY and alone <= STREAMING and percentile(finals, 0.95) <= FINAL and kept_up


def _load() -> str:
    return Path("/proc/loadavg").read_text().split()[0]


def _repositories(folder: Path) -> Path:
    """Only the speech models, so that nothing else runs."""
    folder.mkdir()
    (folder / "speech").symlink_to(ROOT / "build" / "models" / "speech")
    return folder


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        settings = {"triton": {"REPOSITORIES": str(_repositories(place / "models"))}}
        with running_stack(place, ["speech"], **settings) as started:
            sys.exit(0 if asyncio.run(main(started)) else 1)
