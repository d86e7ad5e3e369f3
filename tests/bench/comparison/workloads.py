"""What is asked of every system, and when an answer is right."""

import io
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.comparison.settings import ROOT
from integration import recordings
from sensorium_client.stack import pictures
from sensorium_core.triton import read_repository
from sensorium_models.inference import open_session
from sensorium_models.recordings import Pcm, cut
from sensorium_text.sequences import Tokenizer, load_tokenizer

__all__ = ["WORKLOADS", "Picture", "Workload", "workload"]

Picture = NDArray[np.uint8]
MODELS = ROOT / "build" / "models"
CLASSIFIER, RECOGNISER = "efficientnet_lite0", "ppocrv6_text_recognition"
EMBEDDER, SMALL = "minilm_l6", "nestor_major_system"
TRANSCRIBER = "moonshine_tiny_en"

# Photographs of scikit-image that the classifier is sure of, so that another way to scale them changes no label.
_PHOTOGRAPHS = ("coffee", "camera", "chessboard_GRAY", "brick", "clock_motion", "retina", "moon", "motorcycle_left")
_QUALITY = 90
_SENTENCES = (
    "hydraulic pump is leaking at the main seal",
    "replace the filter of the cooling circuit before the next shift",
    "conveyor belt three stops whenever the light barrier is dirty",
    "operator reports a burning smell near the spindle motor",
    "the robot arm drops parts after an emergency stop",
    "bearing temperature rises above ninety degrees under full load",
    "calibrate the torque sensor of station seven",
    "coolant level low, refilled twelve litres and found no leak",
    "the emergency stop button of cell two is stuck",
    "vibration on the gearbox output shaft, imbalance suspected",
    "safety door switch replaced and tested by the electrician",
    "bucket cylinder creeps down when the machine is parked overnight",
    "the camera above the press does not find the data matrix code any more",
    "air pressure in line four drops every morning between six and seven",
    "change the oil of the reduction gear and take a sample for analysis",
    "the labeller prints the date of yesterday on the first two pallets",
    "weld seam on the frame cracked again at the same place",
    "door of the oven does not close, the hinge is bent",
    "battery of the forklift holds its charge for two hours only",
    "the drawing of the spare part does not match the part on the shelf",
    "new tyres ordered for the wheel loader",
    "spindle drive reports overcurrent when the tool is changed",
    "the scale at the filling station shows three grams too much",
    "grease all bearings of the palletiser and note the running hours",
)
_UTTERANCES = ((1.0, 4.8), (8.6, 10.6), (13.2, 17.0), (21.0, 24.3), (32.5, 41.9))
_SAID = (
    "It was the best of times, it was the worst of times,",
    "it was the epoch of belief,",
    "it was the season of Light, it was the season of Darkness,",
    "we had everything before us, we had nothing before us,",
    "that some of its noisiest authorities insisted on its being received, for good or for evil, in the superlative "
    "degree of comparison only.",
)


@dataclass(frozen=True)
class Workload:
    """A kind of request.

    Attributes:
        name: as results and BENCH_ONLY have it.
        title: as people read it.
        service: of this suite that answers it.
        model: whose batches are counted: the one that does most of the work.
        items: makes what is asked, in turn: bytes of a file, pixels, or texts.
        expected: makes the right answer to each item.
        problem: what is wrong with an answer, given the right one; empty when nothing is.
        bound: milliseconds that the 99th percentile may take in the open loop.
        least: requests that a measurement must have seen end, for each caller.
    """

    name: str
    title: str
    service: str
    model: str
    items: Callable[[], Sequence[Any]]
    expected: Callable[[], Sequence[Any]]
    problem: Callable[[Any, Any], str]
    bound: float
    least: float = 2.0


def workload(name: str) -> Workload:
    """The workload of that name."""
    return next(one for one in WORKLOADS if one.name == name)


def model_file(service: str, name: str) -> Path:
    """The graph of a model that this suite has built."""
    return MODELS / service / name / "1" / "model.onnx"


@cache
def photographs() -> list[Picture]:
    """Photographs at 640×480: the middle of each."""
    found = []
    for name in _PHOTOGRAPHS:
        pixels = pictures.photograph(name)
        height, width = pixels.shape[:2]
        scale = max(640 / width, 480 / height)
        scaled = cv2.resize(pixels, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_CUBIC)
        top, left = (scaled.shape[0] - 480) // 2, (scaled.shape[1] - 640) // 2
        found.append(np.ascontiguousarray(scaled[top : top + 480, left : left + 640], np.uint8))
    return found


@cache
def jpegs() -> list[bytes]:
    """The photographs as a camera sends them."""
    options = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    return [cv2.imencode(".jpg", cv2.cvtColor(one, cv2.COLOR_RGB2BGR), options)[1].tobytes() for one in photographs()]


def square(pixels: Picture) -> Picture:
    """The middle of a picture at 224×224, as EfficientNet-Lite was evaluated: 224 of 256 pixels."""
    height, width = pixels.shape[:2]
    edge = round(min(height, width) * 224 / 256)
    top, left = (height - edge) // 2, (width - edge) // 2
    middle = pixels[top : top + edge, left : left + edge]
    return np.asarray(cv2.resize(middle, (224, 224), interpolation=cv2.INTER_AREA), np.uint8)


@cache
def frames() -> list[Picture]:
    """The photographs as raw frames of 224×224."""
    return [square(one) for one in photographs()]


def _labels_of_jpegs() -> list[int]:
    return _labels([square(_decoded(jpeg)) for jpeg in jpegs()])


def _labels_of_frames() -> list[int]:
    return _labels(frames())


def _decoded(jpeg: bytes) -> Picture:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB), np.uint8)


def _labels(squares: Sequence[Picture]) -> list[int]:
    session, found = open_session(model_file("vision", CLASSIFIER)), list[int]()
    for pixels in squares:
        (scores,) = session.run(["probabilities"], {"image": pixels[np.newaxis]})
        second, first = np.sort(scores[0])[-2:]
        assert first > 1.5 * second, f"picture {len(found)} is no clear case: {first:.2f} against {second:.2f}"
        found.append(int(scores[0].argmax()))
    return found


def sentences(count: int) -> list[list[str]]:
    """Requests of so many sentences, none of which is in two of them."""
    texts = [text if place == 0 else f"{text}, entry {place}" for place in range(8) for text in _SENTENCES]
    return [texts[start : start + count] for start in range(0, len(texts) - count + 1, count)]


@cache
def _tokenizer(model: str) -> Tokenizer:
    (file,) = (file for file in read_repository(MODELS / "text") if file.spec.name == model)
    return load_tokenizer(file.folder, file.parameters)


def token_ids(model: str, texts: Sequence[str]) -> list[NDArray[np.int32]]:
    """What a text model reads of each text, `int32[T]`."""
    tokenizer = _tokenizer(model)
    found = tokenizer.encode(texts)
    return [np.array([*tokenizer.prefix, *one.ids, *tokenizer.suffix], np.int32) for one in found]


def _embeddings(requests: Sequence[Sequence[str]]) -> list[NDArray[np.float32]]:
    session = open_session(model_file("text", EMBEDDER))

    def embed(text: str) -> NDArray[np.float32]:
        (found,) = session.run(["embedding"], {"input_ids": token_ids(EMBEDDER, [text])[0][np.newaxis]})
        return np.asarray(found[0], np.float32)

    return [np.stack([embed(text) for text in texts]) for texts in requests]


def _small_labels() -> list[int]:
    session = open_session(model_file("text", SMALL))
    found = []
    for (text,) in sentences(1):
        (scores,) = session.run(["probabilities"], {"input_ids": token_ids(SMALL, [text])[0][np.newaxis]})
        found.append(int(scores[0].argmax()))
    return found


@cache
def nameplates() -> list[bytes]:
    """Nameplates of motors as JPEG, each with a serial number of its own."""
    plates = [pictures.nameplate(_plate(number), seed=number) for number in range(4)]
    return [pictures.encode(plate, ".jpg") for plate in plates]


def _plates() -> list[tuple[str, ...]]:
    return [_plate(number) for number in range(len(nameplates()))]


def _plate(number: int) -> tuple[str, ...]:
    return tuple(line.replace("00871", f"0{number}871") for line in pictures.MOTOR_LINES)


@cache
def _sounds() -> list[tuple[Pcm, str]]:
    cities = recordings.pcm("two_cities")
    spoken = [(cut(cities, *bounds), text) for bounds, text in zip(_UTTERANCES, _SAID, strict=True)]
    return [(recordings.pcm("beckett"), recordings.BECKETT), *spoken]


def sounds() -> list[Pcm]:
    """Utterances of the shipped recordings, `int16[N]` at 16 kHz."""
    return [sound for sound, _ in _sounds()]


def _texts() -> list[str]:
    return [text for _, text in _sounds()]


def wav_file(sound: Pcm) -> bytes:
    """The sound as a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(sound.tobytes())
    return buffer.getvalue()


def _not_equal(expected: Any, found: Any) -> str:
    return "" if expected == found else f"{found!r} instead of {expected!r}"


def _not_near(expected: NDArray[np.float32], found: NDArray[np.float32]) -> str:
    if expected.shape != found.shape:
        return f"shape {found.shape} instead of {expected.shape}"
    lengths = np.linalg.norm(expected, axis=1) * np.linalg.norm(found, axis=1)
    cosines = (expected * found).sum(1) / lengths
    return "" if cosines.min() > 0.999 else f"cosine {cosines.min():.4f} to the reference"


def _other_lines(expected: Sequence[str], found: Sequence[str]) -> str:
    return _not_equal(_letters(expected), _letters(found))


def _letters(lines: Sequence[str]) -> str:
    """What is on a plate, whichever way it is broken into lines and words."""
    return "".join("".join(lines).split())


def _other_words(expected: str, found: str) -> str:
    # The Moonshine library finds other utterances in a recording, and up to three words of twelve are wrong then.
    rate = recordings.word_error_rate(expected, found)
    return "" if rate <= 0.35 else f"{rate:.0%} of the words are wrong: {found!r}"


def _of(count: int) -> Workload:
    return Workload(
        name=f"embed_{count}",
        title="embed a sentence" if count == 1 else f"embed {count} sentences",
        service="text",
        model=EMBEDDER,
        items=lambda: sentences(count),
        expected=lambda: _embeddings(sentences(count)),
        problem=_not_near,
        bound=100 if count == 1 else 500,
    )


WORKLOADS: tuple[Workload, ...] = (
    Workload(
        "classify_jpeg", "classify a 640×480 JPEG", "vision", CLASSIFIER, jpegs, _labels_of_jpegs, _not_equal, 200
    ),
    Workload(
        "classify_raw", "classify a raw 224×224 frame", "vision", CLASSIFIER, frames, _labels_of_frames, _not_equal, 200
    ),
    Workload("small", "classify a sentence", "text", SMALL, lambda: sentences(1), _small_labels, _not_equal, 50),
    _of(1),
    _of(16),
    Workload("read_text", "read a nameplate", "vision", RECOGNISER, nameplates, _plates, _other_lines, 6000),
    Workload("transcribe", "transcribe an utterance", "speech", TRANSCRIBER, sounds, _texts, _other_words, 3000),
)
