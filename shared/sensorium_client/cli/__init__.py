"""The command line, `sensorium`.

The modules of the commands import what is heavy (gRPC, numpy, OpenCV) inside their functions, so that help and shell
completion answer at once.
"""

from __future__ import annotations

import io
import sys

import typer

from sensorium_client.cli import audit, certs, demo, keys, models, security, speech, status, text, top, up, vision

__all__ = ["app", "main"]

app = typer.Typer(
    name="sensorium",
    help="A plant's senses as gRPC services: start them, ask them, look after them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with every local variable would print whole pictures
    callback=security.options,
)
app.add_typer(vision.app, name="vision")
app.add_typer(speech.app, name="speech")
app.add_typer(text.app, name="text")
for _module in (up, status, top, demo, models, certs, keys, audit):
    _module.register(app)


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                encoding="utf-8"
            )  # plates and logs carry every script, consoles of old code pages do not
    app()
