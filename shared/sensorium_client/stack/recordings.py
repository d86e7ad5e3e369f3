"""Real speech for the greeting and the demo: the recordings that lie in the package of a model."""

# ruff: noqa: PLC0415 - the model builder is an extra that only a checkout needs

from __future__ import annotations

from pathlib import Path

__all__ = ["RecordingMissingError", "recording"]

_MODEL, _PROJECT = "moonshine_tiny_en", "moonshine-voice"


class RecordingMissingError(Exception):
    """The recordings are not here and cannot be fetched; the text says why."""


def recording(root: Path, name: str) -> Path:
    """The WAV file of a recording, `beckett` or `two_cities`.

    Args:
        root: the checkout, in whose cache the package lies.
        name: of the recording.

    Raises:
        RecordingMissingError: the package is not there and cannot be fetched, or has no such recording.
    """
    try:
        from sensorium_models.errors import ModelError
        from sensorium_models.recipe import load_recipe
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
                return sources.file(_PROJECT, f"moonshine_voice/assets/{name}.wav")
    except ModelError as error:
        raise RecordingMissingError(str(error)) from error
    raise RecordingMissingError("there are no recordings here: run this in Sensorium's checkout")
