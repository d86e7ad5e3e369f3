"""Every method of the vision service on pictures worth looking at."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sensorium_client import EmbedResult, Frame, FrameResult, SensoriumError, VisionClient, draw
from sensorium_client._results import message_to_json
from sensorium_client.stack.pictures import Picture, encode
from sensorium_client.stack.samples import sample
from sensorium_client.stack.summaries import AnyResult, summary

__all__ = ["Step", "run_demo"]

_STREAMED = ("nameplate-5-degrees", "part-label", "qr-code-blurred")


@dataclass(frozen=True)
class Step:
    """One call, what came of it, and the files that show it."""

    method: str
    picture: str
    answer: str
    seconds: float | None
    files: tuple[Path, ...] = ()
    failed: bool = False


def run_demo(client: VisionClient, folder: Path) -> Iterator[Step]:
    """Call each method, write the annotated pictures and the JSON into `folder`, and tell of each.

    Raises:
        SensoriumError: The stream or the list of models failed; another call that fails is a step like the others.
        PictureError: The pictures cannot be made here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for method, name, call in _CALLS:
        yield _one(folder, method, name, functools.partial(call, client))
    yield from _stream(client, folder)
    yield _list_models(client, folder)


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


def _list_models(client: VisionClient, folder: Path) -> Step:
    start = time.perf_counter()
    models = client.list_models()
    seconds = time.perf_counter() - start
    file = folder / "list-models.json"
    file.write_text("".join(message_to_json(model.message) + "\n" for model in models))
    answer = "\n".join(f"{model.name} {'ready' if model.ready else 'NOT READY'}" for model in models)
    return Step("ListModels", "", answer, seconds, (file,))


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
