"""Triton's model configuration: the part a person writes, and the parameters that only the build knows."""

import json
import re
from collections.abc import Mapping, Sequence

__all__ = ["PROMOTED", "promoted_version", "render_config", "text_literal"]

PROMOTED = "# Added by `sensorium models promote`."
"""The line above what an update adds to a configuration."""

_PINNED = re.compile(
    rf"^{re.escape(PROMOTED)}\nversion_policy {{ specific {{ versions: \[ (\d+) \] }} }}$", re.MULTILINE
)


def render_config(written: str, *, labels: Sequence[str], parameters: Mapping[str, str]) -> str:
    """The served `config.pbtxt`: `written`, then one `parameters` entry each for the labels and for `parameters`.

    Labels are one JSON array under the key `labels`, so that a service learns them over Triton's ModelConfig call and
    needs no file of the server.
    """
    entries = {"labels": json.dumps(list(labels), separators=(",", ":")), **parameters}
    added = "".join(
        f"parameters {{ key: {text_literal(key)} value {{ string_value: {text_literal(value)} }} }}\n"
        for key, value in entries.items()
    )
    return f"{written.rstrip()}\n\n# Added by the build.\n{added}"


def promoted_version(config: str) -> int | None:
    """The version that a model's configuration was pinned to by an update; None where it was not."""
    found = _PINNED.search(config)
    return int(found[1]) if found else None


def text_literal(value: str) -> str:
    r"""`value` as a quoted string of the protobuf text format; newlines and quotes become escapes."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'
