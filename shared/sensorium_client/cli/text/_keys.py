"""Keys of pseudonyms: from files and the environment, never from the command line, where others could see them."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sensorium_client import PseudonymKey

KEY_VARIABLE = "SENSORIUM_TEXT_KEY"
_LENGTHS = (32, 48, 64)
_PANEL = "Key of pseudonyms"
_MISSING = f"give --key-file or --key-name, or set {KEY_VARIABLE}; `sensorium text key FILE` makes a key"

KeyFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=_PANEL,
        help=f"32, 48 or 64 bytes, as they are or in base64; the variable {KEY_VARIABLE} takes base64.",
        show_default=False,
    ),
]
KeyName = Annotated[
    str, typer.Option(rich_help_panel=_PANEL, help="Name of a key that the service has.", show_default=False)
]


def wanted_key(file: Path | None, name: str, *, needed: bool) -> PseudonymKey | None:
    """The key that was given; None when none was and none is needed. The environment is asked only for a needed one.

    Raises:
        typer.BadParameter: it is none, there are two, or it is missing.
    """
    if file is not None and name:
        raise typer.BadParameter("give --key-file or --key-name, not both")
    if name:
        return name
    if file is not None:
        return read_key(file)
    if not needed:
        return None
    text = os.environ.get(KEY_VARIABLE, "")
    if not text:
        raise typer.BadParameter(_MISSING)
    key = _from_base64(text.encode())
    if key is None:
        raise typer.BadParameter("is not 32, 48 or 64 bytes in base64", param_hint=KEY_VARIABLE)
    return key


def read_key(file: Path) -> bytes:
    """The key in a file.

    Raises:
        typer.BadParameter: it cannot be read, or is none.
    """
    try:
        with file.open("rb") as source:
            found = source.read(200)
    except OSError as failure:
        raise typer.BadParameter(f"cannot read {file}: {failure.strerror}", param_hint="--key-file") from None
    key = _from_base64(found)  # first: 48 bytes in base64 have 64 letters, and 64 random bytes are never all letters
    if key is None and len(found) in _LENGTHS:
        key = found
    if key is None:
        raise typer.BadParameter(f"{file} has no key: 32, 48 or 64 bytes, or their base64", param_hint="--key-file")
    return key


def write_key(file: Path) -> None:
    """Make a key of 64 random bytes and write its base64 into a new file that only its owner can read.

    Raises:
        OSError: it cannot be written, or is there already: who lost a key could restore nothing.
    """
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        target.write(base64.b64encode(secrets.token_bytes(64)) + b"\n")


def _from_base64(text: bytes) -> bytes | None:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        return None
    return key if len(key) in _LENGTHS else None
