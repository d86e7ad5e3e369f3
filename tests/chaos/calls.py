"""The calls that a plant makes, each with the answer that is right, to the letter where there are letters."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import grpc
import numpy as np

from integration import recordings
from sensorium_client import (
    AudioFormat,
    ClassifyOptions,
    PhraseSet,
    SensoriumError,
    SpeechClient,
    TextClient,
    VisionClient,
)
from sensorium_client.stack import pictures, texts


class WrongAnswerError(Exception):
    """The answer is not the right one."""


@dataclass
class Kind:
    """One kind of call.

    Attributes:
        name: for the report.
        service: whom it calls.
        pause: seconds between calls.
        call: makes one within so many seconds; raises WrongAnswerError.
        began: when the call under way began; None between calls.
    """

    name: str
    service: str
    pause: float
    call: Callable[[Any, float], None]
    began: float | None = None


def expect(found: object, expected: object) -> None:
    """Take what was found as the answer.

    Raises:
        WrongAnswerError: something else was to be found.
    """
    if found != expected:
        raise WrongAnswerError(f"{found!r} instead of {expected!r}")


def plant_calls(kept: dict[str, str]) -> list[Kind]:
    """The calls of a plant: pictures, texts, recordings, streams, sessions, phrase sets.

    Args:
        kept: gets the phrase sets whose making was acknowledged: what they say, by name.
    """
    coffee = pictures.encode(pictures.photograph("coffee"))
    plate = pictures.encode(pictures.nameplate())
    sound = recordings.pcm("beckett")
    chunks = [sound[start : start + 16_000] for start in range(0, len(sound), 16_000)]
    numbers = itertools.count()

    def classify(client: VisionClient, deadline: float) -> None:
        expect(client.classify(coffee, deadline=deadline).labels[0].name, "espresso")

    def read_text(client: VisionClient, deadline: float) -> None:
        expect(client.read_text(plate, deadline=deadline).lines[0].text, pictures.MOTOR_LINES[0])

    def frames(client: VisionClient, deadline: float) -> None:
        found = [
            (result.error, result.annotation and result.annotation.labels[0].name)
            for result in client.annotate_stream([coffee] * 4, [ClassifyOptions()], deadline=deadline)
        ]
        for error, name in found:
            if error is not None:
                raise error
            expect(name, "espresso")
        expect(len(found), 4)

    def redact(client: TextClient, deadline: float) -> None:
        redacted = client.redact(_NOTE, deadline=deadline).text
        expect(redacted, "[PERSON_NAME] ([EMAIL_ADDRESS]) replaced the seal of P-101A")

    def classes(client: TextClient, deadline: float) -> None:
        labels = client.classify(texts.FAULTS[0], deadline=deadline).classifications[0].labels
        expect(labels[0].name, "Hydraulic System")

    def rank(client: TextClient, deadline: float) -> None:
        best = client.rank("oil drips from a burst hose", texts.FAULTS, deadline=deadline).results[0]
        expect(best.index, 0)

    def recognize(client: SpeechClient, deadline: float) -> None:
        expect(recordings.words(client.recognize(sound, sample_rate_hertz=16_000, deadline=deadline).text), _BECKETT)

    def session(client: SpeechClient, deadline: float) -> None:
        end = time.monotonic() + deadline

        def left() -> float:
            return max(0.1, end - time.monotonic())

        opened = client.open_session(AudioFormat(16_000), deadline=left())
        for chunk in chunks:
            opened.push(chunk, deadline=left())
        opened.close(deadline=left())
        said = [each.result.transcript for each in opened.watch(deadline=left()) if each.result]
        expect(recordings.words(" ".join(said)), _BECKETT)

    def keep(client: SpeechClient, deadline: float) -> None:
        name = f"chaos-{next(numbers):06d}"
        phrase = f"valve {name.replace('-', ' ')}"
        made = client.create_phrase_set(PhraseSet(phrases=[phrase]), name, deadline=deadline)
        kept[made.name] = phrase

    return [
        Kind("vision Classify", "vision", 0.2, classify),
        Kind("vision ReadText", "vision", 1.0, read_text),
        Kind("vision StreamAnnotate", "vision", 0.5, frames),
        Kind("text Redact", "text", 0.3, redact),
        Kind("text Classify", "text", 0.3, classes),
        Kind("text Rank", "text", 0.5, rank),
        Kind("speech Recognize", "speech", 1.0, recognize),
        Kind("speech session", "speech", 1.0, session),
        Kind("speech CreatePhraseSet", "speech", 0.3, keep),
    ]


def large_picture() -> Kind:
    """A picture whose tensors are larger than those of the other calls."""
    large = pictures.encode(np.asarray(cv2.resize(pictures.nameplate(), (4000, 3000)), np.uint8))

    def read(client: VisionClient, deadline: float) -> None:
        expect(client.read_text(large, deadline=deadline).lines[0].text, pictures.MOTOR_LINES[0])

    return Kind("vision ReadText, large", "vision", 2.0, read)


_NOTE = "Maria Schmidt (maria.schmidt@plant.example) replaced the seal of P-101A"
_BECKETT = recordings.words(recordings.BECKETT)


def lost_phrase_sets(address: str, kept: Mapping[str, str]) -> list[str]:
    """Names of phrase sets whose making was acknowledged and that are not there, or are other than they were."""
    lost = []
    with SpeechClient(address) as client:
        for name, phrase in kept.items():
            try:
                found = client.get_phrase_set(name)
            except SensoriumError as error:
                if error.code is not grpc.StatusCode.NOT_FOUND:
                    raise
                lost.append(name)
            else:
                if [each.value for each in found.phrases] != [phrase]:  # type: ignore[union-attr]
                    lost.append(name)
    return lost
