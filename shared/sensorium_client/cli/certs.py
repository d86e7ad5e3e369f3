"""`sensorium certs dev`: certificates for development, and how to start everything with them."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that the others and --help start quickly

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from sensorium_client._defaults import SPEECH, TEXT, VISION

__all__ = ["register"]

_SERVICES = (VISION, SPEECH, TEXT)
_CLIENTS = ("client", "prometheus")
_POLICY = """\
# Who may do what; changes are taken over while services run. See docs/security.md.

[[allow]]
identities = ["mtls:{client}"]
methods = ["*"]
models = ["*"]

[[allow]]    # speech has personal data redacted
identities = ["mtls:{speech}"]
methods = ["sensorium.text.v1.TextService/Redact"]
models = ["*"]

[[allow]]
identities = ["mtls:{prometheus}"]
methods = ["metrics"]
models = []
"""

certs = typer.Typer(help="Make certificates for development.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.add_typer(certs, name="certs")


@certs.callback()
def _group() -> None:
    """Make certificates for development."""


@certs.command()
def dev(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where the files go.")] = Path("build/certs"),
    host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Another DNS name or IP address of this machine; may be repeated."),
    ] = None,
) -> None:
    """Make a CA, certificates for each service, Triton and callers, a policy, and a file of settings that uses them.

    A second run renews what is about to expire. Services take new certificates over while they run.
    """
    from sensorium_core.security.development import DevelopmentCA, Leaf

    hosts = tuple(host or ())
    try:
        ca = DevelopmentCA(folder)
        leaves = [Leaf(service.name, hosts) for service in _SERVICES]
        leaves += [Leaf("triton", hosts), *(Leaf(name) for name in _CLIENTS)]
        for leaf in leaves:
            issued = ca.issue(leaf)
            typer.echo(f"{'made' if issued.renewed else 'kept'} {issued.certificate}  {leaf.spiffe_id}")
        policy = folder / "policy.toml"
        if not policy.exists():
            policy.write_text(_POLICY.format(**{leaf.name: leaf.spiffe_id for leaf in leaves}))
        (folder / "sensorium.env").write_text(_environment_file(_variables(folder.absolute())))
    except OSError as error:
        typer.echo(f"sensorium: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"To use them: set -a; . {folder / 'sensorium.env'}; set +a; then any command, `sensorium up` for one.")


def _variables(folder: Path) -> Mapping[str, Path]:
    ca = folder / "ca.crt"
    found = {
        "SENSORIUM_CA": ca,
        "SENSORIUM_CERTIFICATE": folder / "client.crt",
        "SENSORIUM_KEY": folder / "client.key",
        "SENSORIUM_TRITON_TLS_CA": ca,
        "SENSORIUM_TRITON_TLS_CERTIFICATE": folder / "triton.crt",
        "SENSORIUM_TRITON_TLS_KEY": folder / "triton.key",
    }
    own = folder / SPEECH.name
    found |= {
        "SENSORIUM_SPEECH_TEXT_CA": ca,
        "SENSORIUM_SPEECH_TEXT_CERTIFICATE": own.with_suffix(".crt"),
        "SENSORIUM_SPEECH_TEXT_KEY": own.with_suffix(".key"),
    }
    for service in _SERVICES:
        prefix, own = f"SENSORIUM_{service.name.upper()}_", folder / service.name
        certificate, key = own.with_suffix(".crt"), own.with_suffix(".key")
        found |= {
            f"{prefix}TLS_CERTIFICATE": certificate,
            f"{prefix}TLS_KEY": key,
            f"{prefix}TLS_CLIENT_CA": ca,
            f"{prefix}POLICY": folder / "policy.toml",
            f"{prefix}TRITON_CA": ca,
            f"{prefix}TRITON_CERTIFICATE": certificate,
            f"{prefix}TRITON_KEY": key,
        }
    return found


def _environment_file(variables: Mapping[str, Path]) -> str:
    import shlex

    return "".join(f"{name}={shlex.quote(os.fspath(value))}\n" for name, value in variables.items())
