"""The physical limit: decoding and ONNX Runtime in one process, without a network, a queue or a second process.

Each worker is a thread with sessions of its own that takes the next requests, so many at once, and answers them. What
is between the networks of one request, such as cutting lines out of a picture, is the code of the services themselves.
"""

import asyncio
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import onnxruntime

from bench.comparison.generator import JobError, Result
from bench.comparison.workloads import (
    CLASSIFIER,
    EMBEDDER,
    MODELS,
    SMALL,
    TRANSCRIBER,
    model_file,
    square,
    token_ids,
    wav_file,
    workload,
)
from bench.processes import machine_seconds, memory_bytes
from sensorium_core.call import Stage
from sensorium_core.triton import ModelDescription, parse_config
from sensorium_models.python_models.in_process import PythonModel
from sensorium_speech.audio import AudioLimits, decode, read_header
from sensorium_speech.domain import EncodedAudio, RecognitionOptions, VoiceActivity
from sensorium_speech.recognition import Recognizer
from sensorium_speech.vad import passages, segment, track_likelihoods
from sensorium_text.sequences._model import padded, padded_length
from sensorium_vision.decoding import ImageLimits
from sensorium_vision.decoding import decode as decode_image
from sensorium_vision.decoding import read_header as read_image_header
from sensorium_vision.domain import EncodedImage, ImageSource, ReadTextOptions
from sensorium_vision.text import TextReader

__all__ = ["Arrangement", "arrangements", "measure_limit"]

Answer = Callable[[Sequence[Any]], Sequence[Any]]


class Arrangement(NamedTuple):
    """How the limit is reached: threads that take requests, threads of each session, requests taken at once."""

    workers: int
    threads: int
    batch: int

    def __str__(self) -> str:
        return f"{self.workers} workers, {self.threads} threads each, {self.batch} at once"


def arrangements(name: str, cores: int) -> list[Arrangement]:
    """What is tried for a workload; the one that costs least is the limit."""
    batches = {"classify_jpeg": (1, 4, 16), "classify_raw": (1, 4, 16), "read_text": (1,), "transcribe": (1, 6)}
    ways = [(cores, 1), (1, cores)] if cores > 1 else [(1, 1)]
    return [Arrangement(*way, batch) for way in ways for batch in batches.get(name, (1, 8, 32))]


@dataclass(frozen=True)
class _Job:
    name: str
    way: Arrangement
    seconds: float
    warm_up: float


def measure_limit(name: str, way: Arrangement, seconds: float, warm_up: float = 1.0) -> Result:
    """Measures a workload in a process of its own; latencies are those of a batch.

    Raises:
        JobError: an answer was wrong.
    """
    with tempfile.TemporaryDirectory() as folder:
        given, told = Path(folder) / "job", Path(folder) / "result"
        given.write_bytes(pickle.dumps(_Job(name, way, seconds, warm_up)))
        start = "from bench.comparison.limit import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", start, str(given), str(told)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise JobError(f"limit, {name}: {done.stderr.strip().rpartition(chr(10))[2]}")
        result: Result = pickle.loads(told.read_bytes())
        return result


def main() -> None:
    """Does a job in this process."""
    job: _Job = pickle.loads(Path(sys.argv[1]).read_bytes())
    Path(sys.argv[2]).write_bytes(pickle.dumps(_run(job)))


class _Tally:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.taken = 0
        self.batches: list[tuple[float, float, list[int], Sequence[Any]]] = []
        self.stopped = False
        self.failures: list[Exception] = []


def _run(job: _Job) -> Result:
    asked = workload(job.name)
    items, tally = _wire_items(job.name), _Tally()
    answers = [_ANSWERS[job.name](job.way.threads) for _ in range(job.way.workers)]
    threads = [threading.Thread(target=_work, args=(one, items, job.way.batch, tally)) for one in answers]
    for thread in threads:
        thread.start()
    time.sleep(job.warm_up)
    began, cpu, machine = time.perf_counter(), time.process_time(), machine_seconds()
    time.sleep(job.seconds)
    while not tally.failures and sum(at >= began for at, *_ in tally.batches) < 2 * job.way.workers:
        time.sleep(0.1)
    ended, spent, others = time.perf_counter(), time.process_time() - cpu, machine_seconds() - machine
    tally.stopped = True
    for thread in threads:
        thread.join()
    for failure in tally.failures:
        raise failure
    expected = asked.expected()
    for _, _, places, found in tally.batches:
        for place, one in zip(places, found, strict=True):
            if wrong := asked.problem(expected[place], one):
                raise JobError(f"wrong answer to item {place}: {wrong}")
    inside = [(took, len(places)) for at, took, places, _ in tally.batches if began <= at < ended]
    return Result(
        seconds=ended - began,
        completed=sum(count for _, count in inside),
        latencies=[took * 1e3 for took, _ in inside],
        cpu={"limit": spent},
        own=0.0,
        others=(others - spent) / (ended - began),
        memory=memory_bytes([_own_pid()]),
        batch=float(job.way.batch),
    )


def _own_pid() -> int:
    return int(Path("/proc/self").readlink().name)


def _work(answer: Answer, items: Sequence[Any], batch: int, tally: _Tally) -> None:
    try:
        while not tally.stopped:
            with tally.lock:
                places = [place % len(items) for place in range(tally.taken, tally.taken + batch)]
                tally.taken += batch
            start = time.perf_counter()
            found = answer([items[place] for place in places])
            now = time.perf_counter()
            tally.batches.append((now, now - start, places, found))
    except Exception as error:  # told by the main thread
        tally.failures.append(error)


def _wire_items(name: str) -> Sequence[Any]:
    items = workload(name).items()
    return [wav_file(item) for item in items] if name == "transcribe" else items


def _session(path: Path, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _classify(threads: int, prepare: Callable[[Any], Any]) -> Answer:
    session = _session(model_file("vision", CLASSIFIER), threads)

    def answer(items: Sequence[Any]) -> list[int]:
        (scores,) = session.run(["probabilities"], {"image": np.stack([prepare(item) for item in items])})
        return [int(one) for one in scores.argmax(1)]

    return answer


def _decoded(jpeg: bytes) -> Any:
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    return square(np.asarray(pixels, np.uint8))


def _sequences(threads: int, model: str, output: str) -> Callable[[Sequence[str]], Any]:
    session = _session(model_file("text", model), threads)

    def run(texts: Sequence[str]) -> Any:
        ids = token_ids(model, texts)
        (found,) = session.run([output], {"input_ids": padded(ids, padded_length(max(map(len, ids))))})
        return found

    return run


def _embed(threads: int) -> Answer:
    run = _sequences(threads, EMBEDDER, "embedding")

    def answer(items: Sequence[Sequence[str]]) -> list[Any]:
        found = run([text for texts in items for text in texts])
        return list(np.split(found, np.cumsum([len(texts) for texts in items])[:-1]))

    return answer


def _small(threads: int) -> Answer:
    run = _sequences(threads, SMALL, "probabilities")
    return lambda items: [int(one) for one in run([text for texts in items for text in texts]).argmax(1)]


class _Model:
    """A model of a service's catalog that runs here."""

    def __init__(self, folder: Path, threads: int) -> None:
        config = parse_config((folder / "config.pbtxt").read_text())
        self.name, self.description = config.name, ModelDescription.of(config)
        self._outputs = [output.name for output in config.output]
        if (folder / "1" / "model.py").exists():
            self._python: PythonModel | None = PythonModel(folder)
        else:
            self._python, self._session = None, _session(folder / "1" / "model.onnx", threads)

    async def infer(self, inputs: Mapping[str, Any], outputs: Sequence[str] = ()) -> Mapping[str, Any]:
        names = list(outputs) or self._outputs
        if self._python is not None:
            return self._python.predict(inputs, names)
        return dict(zip(names, self._session.run(names, dict(inputs)), strict=True))


class _Catalog:
    def __init__(self, service: str, names: Iterable[str], threads: int) -> None:
        self._models = {name: _Model(MODELS / service / name, threads) for name in names}

    def __getitem__(self, name: str) -> _Model:
        return self._models[name]

    def get(self, name: str, *, default: str, among: Iterable[str], field: str) -> _Model:
        return self._models[name or default]


class _Inline:
    """The services' executor, without threads."""

    async def run(self, stage: Stage, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        return function(*arguments, **named)


def _together(one: Callable[[Any], Awaitable[Any]]) -> Answer:
    runner = asyncio.Runner()

    async def each(items: Sequence[Any]) -> list[Any]:
        return list(await asyncio.gather(*map(one, items)))

    return lambda items: runner.run(each(items))


def _read_text(threads: int) -> Answer:
    names = ("ppocrv6_text_detection", "ppocr_line_orientation", "ppocrv6_text_recognition")
    catalog: Any = _Catalog("vision", names, threads)
    inline: Any = _Inline()
    reader = TextReader(catalog, inline)
    limits, options = ImageLimits(64_000_000, 32_768), ReadTextOptions()

    async def one(jpeg: bytes) -> tuple[str, ...]:
        source = ImageSource(EncodedImage(jpeg), None)
        picture = decode_image(source, read_image_header(source, limits))
        return tuple(line.text for line in await reader.read(picture, options))

    return _together(one)


def _transcribe(threads: int) -> Answer:
    catalog: Any = _Catalog("speech", ("silero_vad", TRANSCRIBER), threads)
    recognizer, activity = Recognizer(catalog), VoiceActivity()
    limits, options = AudioLimits(600.0), RecognitionOptions(word_times=False)

    async def one(wav: bytes) -> str:
        source = EncodedAudio(wav)
        recording = decode(source, read_header(source, limits), limits, separate=False)
        likelihoods = await track_likelihoods(catalog["silero_vad"], recording.tracks)
        found = passages(segment(likelihoods[0].tolist(), activity), activity.max_speech)
        pieces = [recording.tracks[0][part.begin : part.end] for part in found]
        heard = [await recognizer.transcribe(piece, options) for piece in pieces]
        return " ".join(one.alternatives[0].text for one in heard)

    return _together(one)


_ANSWERS: Mapping[str, Callable[[int], Answer]] = {
    "classify_jpeg": lambda threads: _classify(threads, _decoded),
    "classify_raw": lambda threads: _classify(threads, lambda frame: frame),
    "small": _small,
    "embed_1": _embed,
    "embed_16": _embed,
    "read_text": _read_text,
    "transcribe": _transcribe,
}
