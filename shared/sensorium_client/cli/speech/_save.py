"""Writes what was heard into a folder."""

from __future__ import annotations

from pathlib import Path

from sensorium_client import RecognizeResult, RecordingResult
from sensorium_client.cli._save import write_json, writing_to

SUFFIXES = (".json", ".srt", ".vtt")


def save(result: RecordingResult, folder: Path, name: str) -> None:
    """Write a recording's results: `<name>.json`, and subtitles of what was written down.

    Raises:
        InvalidInputError: the folder cannot be written to.
    """
    with writing_to(folder):
        write_json(folder / f"{name}.json", result)
        if isinstance(result, RecognizeResult):
            (folder / f"{name}.srt").write_text(result.to_srt(), encoding="utf-8")
            (folder / f"{name}.vtt").write_text(result.to_vtt(), encoding="utf-8")
