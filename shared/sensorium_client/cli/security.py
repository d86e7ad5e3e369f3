"""The options before every command that say whom to believe and who calls."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that the others and --help start quickly

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

__all__ = ["options"]

_PANEL = "Security"
_SEEN = "Others see it in the list of processes: better by its variable."


def _file(variable: str, text: str) -> Any:
    return typer.Option(envvar=variable, metavar="FILE", help=text, rich_help_panel=_PANEL)


def _secret(variable: str, metavar: str, text: str) -> Any:
    return typer.Option(envvar=variable, metavar=metavar, help=text, rich_help_panel=_PANEL, show_default=False)


def options(
    *,
    ca: Annotated[str, _file("SENSORIUM_CA", "CAs of the services; turns TLS on.")] = "",
    cert: Annotated[str, _file("SENSORIUM_CERTIFICATE", "Our certificate.")] = "",
    key: Annotated[str, _file("SENSORIUM_KEY", "Its private key.")] = "",
    token_file: Annotated[str, _file("SENSORIUM_TOKEN_FILE", "Holds a token (JWT) that says who calls.")] = "",
    token: Annotated[str, _secret("SENSORIUM_TOKEN", "TOKEN", f"The token itself. {_SEEN}")] = "",
    api_key: Annotated[str, _secret("SENSORIUM_API_KEY", "KEY", f"An API key that says who calls. {_SEEN}")] = "",
) -> None:
    """Hand the options to whatever runs below, processes included, as the variables that all of it reads."""
    given = {
        "SENSORIUM_CA": ca,
        "SENSORIUM_CERTIFICATE": cert,
        "SENSORIUM_KEY": key,
        "SENSORIUM_TOKEN_FILE": token_file,
        "SENSORIUM_TOKEN": token,
        "SENSORIUM_API_KEY": api_key,
    }
    if not any(given.values()):
        return
    from sensorium_client import InvalidInputError, Security

    os.environ.update({name: value for name, value in given.items() if value})
    try:
        Security.from_environment()
    except InvalidInputError as error:
        raise typer.BadParameter(error.message) from error
