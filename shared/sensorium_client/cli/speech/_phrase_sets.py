"""`sensorium speech phrase-sets …`: the phrase sets that the service keeps."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that the others and --help start quickly

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from sensorium_client._defaults import DEFAULT_DEADLINE, SPEECH
from sensorium_client.cli._options import AsJson, Deadline, check_address
from sensorium_client.cli.speech._options import Address

if TYPE_CHECKING:
    from sensorium_client import PhraseSet, SpeechClient

T = TypeVar("T")

app = typer.Typer(help="Phrase sets that the service keeps: words to expect, and commands.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Its name, with or without phraseSets/.")]
Phrases = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PHRASES",
        help="Phrases with commas between, or a file: a phrase a line, or a phrase set as JSON; may be repeated.",
        show_default=False,
    ),
]
DisplayName = Annotated[str | None, typer.Option(help="Name for people.", show_default=False)]
Boost = Annotated[
    float | None, typer.Option(min=0, max=20, help="How much more likely they are made.", show_default="5")
]
Etag = Annotated[str, typer.Option(help="Only if it still has this one.", show_default=False)]
AllowMissing = Annotated[bool, typer.Option("--allow-missing", help="It need not exist.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="ID", help="4 to 63 lower-case letters, digits and hyphens.")],
    *,
    phrases: Phrases = None,
    display_name: DisplayName = None,
    boost: Boost = None,
    address: Address = SPEECH.address,
    as_json: AsJson = False,
    deadline: Deadline = DEFAULT_DEADLINE,
) -> None:
    """Keep phrases under a name."""
    from sensorium_client.cli.speech._phrases import wanted_set

    given = _changed(wanted_set(phrases), display_name, boost)
    identifier = name.removeprefix("phraseSets/")
    _run(
        address,
        lambda client: [client.create_phrase_set(given, identifier, deadline=deadline)],
        lambda sets: _show(sets, as_json=as_json),
    )


@app.command()
def get(
    name: Name, address: Address = SPEECH.address, as_json: AsJson = False, deadline: Deadline = DEFAULT_DEADLINE
) -> None:
    """Print a phrase set."""
    _run(
        address,
        lambda client: [client.get_phrase_set(name, deadline=deadline)],
        lambda sets: _show(sets, as_json=as_json),
    )


@app.command("list")
def list_(address: Address = SPEECH.address, as_json: AsJson = False, deadline: Deadline = DEFAULT_DEADLINE) -> None:
    """Print the names of all phrase sets; --json prints the sets."""

    def all_sets(client: SpeechClient) -> list[PhraseSet]:
        found: list[PhraseSet] = []
        token = ""
        while True:
            page = client.list_phrase_sets(100, token, deadline=deadline)
            found += page.phrase_sets
            token = page.next_page_token
            if not token:
                return found

    _run(address, all_sets, lambda sets: _show(sets, as_json=as_json) if as_json else _show_names(sets))


@app.command()
def update(
    name: Name,
    *,
    phrases: Phrases = None,
    display_name: DisplayName = None,
    boost: Boost = None,
    etag: Etag = "",
    allow_missing: AllowMissing = False,
    address: Address = SPEECH.address,
    as_json: AsJson = False,
    deadline: Deadline = DEFAULT_DEADLINE,
) -> None:
    """Change what is given of a phrase set; its phrases take the place of the old ones."""
    from sensorium_client import PhraseSet
    from sensorium_client.cli.speech._phrases import wanted_set

    given = wanted_set(phrases)
    mask = [
        *(["phrases"] if given.phrases else []),
        *([] if given == PhraseSet(given.phrases) else ["slots", "pronunciations", "boost", "display_name"]),
        *([] if boost is None else ["boost"]),
        *([] if display_name is None else ["display_name"]),
    ]
    if not mask:
        raise typer.BadParameter("give --phrases, --display-name or --boost")
    changed = replace(_changed(given, display_name, boost), name=name, etag=etag)
    _run(
        address,
        lambda client: [
            client.update_phrase_set(changed, list(dict.fromkeys(mask)), allow_missing=allow_missing, deadline=deadline)
        ],
        lambda sets: _show(sets, as_json=as_json),
    )


@app.command()
def delete(
    name: Name,
    etag: Etag = "",
    *,
    allow_missing: AllowMissing = False,
    address: Address = SPEECH.address,
    deadline: Deadline = DEFAULT_DEADLINE,
) -> None:
    """Remove a phrase set."""
    _run(
        address,
        lambda client: client.delete_phrase_set(name, etag=etag, allow_missing=allow_missing, deadline=deadline),
        lambda _: None,
    )


def _run(address: str, ask: Callable[[SpeechClient], T], show: Callable[[T], None]) -> None:
    from sensorium_client import SpeechClient
    from sensorium_client.cli._run import run_call

    check_address(address)
    raise typer.Exit(run_call(SpeechClient, address, "phrase-sets", ask, show))


def _changed(given: PhraseSet, display_name: str | None, boost: float | None) -> PhraseSet:
    return replace(
        given,
        display_name=given.display_name if display_name is None else display_name,
        boost=given.boost if boost is None else boost,
    )


def _show(sets: Sequence[PhraseSet], *, as_json: bool) -> None:
    from rich.console import Console

    from sensorium_client._results import message_to_json
    from sensorium_client.cli.speech._show import show_phrase_set

    for found in sets:
        if as_json:
            sys.stdout.write(message_to_json(found.to_proto()) + "\n")
        else:
            show_phrase_set(Console(), found)


def _show_names(sets: Sequence[PhraseSet]) -> None:
    for found in sets:
        typer.echo(f"{found.name}  {len(found.phrases)} phrases  {found.display_name}".rstrip())
