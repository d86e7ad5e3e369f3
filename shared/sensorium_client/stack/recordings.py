"""Real speech for the greeting and the demo: the recordings that lie in the packages which a model's recipe pins."""

# ruff: noqa: PLC0415 - the model builder is an extra that only a checkout needs

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["RecordingMissingError", "recording"]

_MODEL = "moonshine_tiny_en"


class RecordingMissingError(Exception):
    """The recordings are not here and cannot be fetched; the text says why."""


@cache
def recording(root: Path, name: str) -> Path:
    """The WAV file of a recording.

    Args:
        root: the checkout, in whose cache the packages lie.
        name: of the recording, as in `sensorium_models.recordings.READ_ALOUD`.

    Raises:
        RecordingMissingError: its package is not there and cannot be fetched, or has no such recording.
    """
    try:
        from sensorium_models.errors import ModelError
        from sensorium_models.recipe import load_recipe
        from sensorium_models.recordings import READ_ALOUD, read_aloud, write_wav
        from sensorium_models.wheels import open_sources
        from sensorium_models.workplace import Workplace
    except ImportError as error:
        text = f"the model tools are not installed ({error}): pip install 'sensorium[models]'"
        raise RecordingMissingError(text) from error
    place = Workplace(root)
    try:
        for model in place.models():
            if model.name == _MODEL:
                sources = open_sources(place, load_recipe(model).wheels)
                file = sources.file(READ_ALOUD[name].project, READ_ALOUD[name].path)
                if file.suffix != ".wav":  # samples that do not say what they are
                    file = place.recordings / f"{name}.wav"
                    file.parent.mkdir(parents=True, exist_ok=True)
                    write_wav(file, read_aloud(sources, name))
                return file
    except ModelError as error:
        raise RecordingMissingError(str(error)) from error
    raise RecordingMissingError("there are no recordings here: run this in Sensorium's checkout")
