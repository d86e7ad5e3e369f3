"""The vision service on pictures worth looking at."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sensorium_client import (
    AnnotateResult,
    ClassifyResult,
    EmbedResult,
    Frame,
    FrameResult,
    ReadCodesResult,
    ReadTextResult,
    SensoriumError,
    VisionClient,
    draw,
)
from sensorium_client.stack.pictures import Picture, encode
from sensorium_client.stack.samples import sample
from sensorium_client.stack.showcases._showcase import Answer, Showcase, Step, answered, models_step

_DEADLINE = 20.0
_STREAMED = ("nameplate-5-degrees", "part-label", "qr-code-blurred")

AnyResult = ClassifyResult | EmbedResult | ReadTextResult | ReadCodesResult | AnnotateResult | FrameResult


def greet(address: str) -> Iterator[Answer]:
    """Send a request of each kind.

    Raises:
        PictureError: The pictures cannot be made here.
    """
    with VisionClient(address, deadline=_DEADLINE) as client:
        for name, asked, ask in _GREETINGS:
            yield answered(name, asked, functools.partial(ask, client, encode(sample(name))), summary)


def demo(address: str, folder: Path) -> Iterator[Step]:
    """Call each method, write the annotated pictures and the JSON into `folder`, and tell of each.

    Raises:
        SensoriumError: The stream or the list of models failed; another call that fails is a step like the others.
        PictureError: The pictures cannot be made here.
    """
    with VisionClient(address) as client:
        for method, name, call in _CALLS:
            yield _one(folder, method, name, functools.partial(call, client))
        yield from _stream(client, folder)
        yield models_step(client, folder / "list-models.json")


def summary(result: AnyResult) -> str:
    """The best label, the length of the vector, every line of text, every code: each on a line of its own."""
    if isinstance(result, FrameResult):
        return summary(result.annotation) if result.annotation is not None else f"refused: {result.error}"
    parts = []
    if isinstance(result, ClassifyResult | AnnotateResult):
        parts += [f"{label.name} {label.score:.0%}" for label in result.labels[:1]]
    if isinstance(result, EmbedResult | AnnotateResult) and result.embedding is not None:
        parts.append(f"a vector of {len(result.embedding)} numbers")
    if isinstance(result, ReadTextResult | AnnotateResult):
        parts += [line.text for line in result.lines]
    if isinstance(result, ReadCodesResult | AnnotateResult):
        parts += [f"{code.symbology.name.replace('_', ' ')}: {code.text}" for code in result.codes]
    return "\n".join(parts) or "nothing found"


def _one(folder: Path, method: str, name: str, call: Callable[[bytes], AnyResult]) -> Step:
    picture = sample(name)
    data = encode(picture)
    start = time.perf_counter()
    try:
        result = call(data)
    except SensoriumError as error:
        return Step(method, name, f"failed: {error}", time.perf_counter() - start, failed=True)
    seconds = time.perf_counter() - start
    return Step(method, name, summary(result), seconds, _write(folder, f"{_kebab(method)}-{name}", picture, result))


def _stream(client: VisionClient, folder: Path) -> Iterator[Step]:
    """Three good frames, and in their midst one that is no picture: it is refused and ends nothing."""
    pictures = {name: sample(name) for name in _STREAMED}
    frames = [Frame(encode(picture), name) for name, picture in pictures.items()]
    frames.insert(1, Frame(b"not a picture at all", "broken-frame"))
    for result in client.annotate_stream(frames):
        name = f"stream-{result.frame_id}"
        picture = pictures.get(result.frame_id)
        files = () if picture is None else _write(folder, name, picture, result)
        yield Step("StreamAnnotate", result.frame_id, summary(result), None, files)


def _write(folder: Path, name: str, picture: Picture, result: AnyResult) -> tuple[Path, ...]:
    answer = result.annotation if isinstance(result, FrameResult) else result
    if answer is None:
        return ()
    document = folder / f"{name}.json"
    document.write_text(answer.to_json() + "\n")
    if isinstance(answer, EmbedResult):
        return (document,)
    drawing = folder / f"{name}.png"
    draw.write_png(drawing, draw.annotate(picture, answer))
    return drawing, document


def _kebab(method: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in method).lstrip("-")


_GREETINGS: tuple[tuple[str, str, Callable[[VisionClient, bytes], AnyResult]], ...] = (
    ("coffee", "classify", VisionClient.classify),
    ("chelsea", "classify", VisionClient.classify),
    ("nameplate", "read text", VisionClient.read_text),
    ("qr-code", "read codes", VisionClient.read_codes),
)
_CALLS: tuple[tuple[str, str, Callable[[VisionClient, bytes], AnyResult]], ...] = (
    *(("Classify", name, VisionClient.classify) for name in ("coffee", "chelsea", "rocket")),
    ("Embed", "coffee", VisionClient.embed),
    *(
        ("ReadText", name, VisionClient.read_text)
        for name in (
            "nameplate",
            "nameplate-5-degrees",
            "nameplate-upside-down",
            "nameplate-perspective",
            "nameplate-chinese",
        )
    ),
    *(("ReadCodes", name, VisionClient.read_codes) for name in ("qr-code", "qr-code-blurred", "part-label")),
    *(("Annotate", name, VisionClient.annotate) for name in ("qr-code", "part-label")),
)

SHOWCASE = Showcase("picture", greet, demo, "vision read-text FILE")
