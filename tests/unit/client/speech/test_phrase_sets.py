"""`sensorium speech phrase-sets`, and phrases that are given on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import grpc
import pytest
import typer
from google.protobuf.empty_pb2 import Empty

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium_client import ListSlot, Phrase, PhraseSet
from sensorium_client.cli.speech._phrases import wanted_set, wanted_sets
from unit.client.scripted import Script, status

KEPT = pb.PhraseSet(
    name="phraseSets/line",
    display_name="Line 1",
    phrases=[pb.Phrase(value="stop {machine}", boost=3.0, id="s"), pb.Phrase(value="start")],
    boost=7.0,
    slots=[
        pb.Slot(name="machine", list=pb.ListSlot(entries=[pb.ListSlot.Entry(value="P-101")])),
        pb.Slot(name="unit", unit=pb.UnitSlot()),
        pb.Slot(name="speed", number=pb.NumberSlot(minimum=1, maximum=20)),
    ],
    pronunciations=[pb.Pronunciation(word="silo", phonemes="s aʊ l oʊ")],
    etag="e1",
)


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    file = tmp_path / "line.txt"
    file.write_text("\ufeffstart  # the motor\n\n# nothing\nstop\n")
    return file


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "line.json"
    slots = [{"name": "machine", "list": {"entries": [{"value": "P-101", "spoken": ["pump one"]}]}}]
    file.write_text(json.dumps({"displayName": "Line", "phrases": [{"value": "stop {machine}"}], "slots": slots}))
    return file


def test_phrases_names_and_files(lines: Path, document: Path) -> None:
    found = wanted_sets(["weir, sluice gate", "phraseSets/a", str(lines), str(document), "sump"])
    assert found == [
        PhraseSet(("weir", "sluice gate", Phrase("start"), Phrase("stop"), "sump")),
        "phraseSets/a",
        PhraseSet(
            (Phrase("stop {machine}"),), display_name="Line", slots={"machine": ListSlot({"P-101": ("pump one",)})}
        ),
    ]


def test_no_phrases() -> None:
    assert wanted_sets(None) == []
    assert wanted_sets([" , "]) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b"nonsense"),
        ("a.json", b'{"phrase": []}'),
        ("a.json", b"[" * 100_000),
        ("a.txt", b"\xff"),
        ("none/a.txt", None),
    ],
)
def test_files_that_are_none(tmp_path: Path, name: str, content: bytes | None) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(typer.BadParameter, match="cannot read"):
        wanted_sets([str(file)])


def test_one_set_is_kept(document: Path) -> None:
    for given in (["stop", str(document)], ["phraseSets/a"]):
        with pytest.raises(typer.BadParameter, match="one file"):
            wanted_set(given)


def test_create(run: Any, script: Script, document: Path) -> None:
    script.always = KEPT
    done = run("phrase-sets", "create", "line", "--phrases", document, "--display-name", "Line 2", "--boost", 3)
    (request,) = script.requests
    assert (request.phrase_set_id, request.phrase_set.display_name, request.phrase_set.boost) == ("line", "Line 2", 3)
    assert request.phrase_set.slots[0].list.entries[0].spoken == ["pump one"]
    assert done.stdout.splitlines() == [
        "phraseSets/line  Line 1, boost 7, etag e1",
        "  stop {machine}  s, boost 3",
        "  start  ",
        "  {machine}  one of P-101",
        "  {unit}  a unit: any",
        "  {speed}  a number from 1 to 20",
        "  silo  /s aʊ l oʊ/",
    ]


def test_get(run: Any, script: Script) -> None:
    script.always = KEPT
    done = run("phrase-sets", "get", "line", "--json")
    assert script.requests[0].name == "phraseSets/line"
    assert json.loads(done.stdout)["phrases"][0]["value"] == "stop {machine}"


def test_what_get_prints_can_be_created(run: Any, script: Script, tmp_path: Path) -> None:
    script.always = KEPT
    file = tmp_path / "kept.json"
    file.write_text(run("phrase-sets", "get", "line", "--json").stdout)
    assert run("phrase-sets", "create", "copy", "--phrases", file).exit_code == 0
    assert script.requests[1].phrase_set.slots == KEPT.slots
    assert script.requests[1].phrase_set.pronunciations == KEPT.pronunciations


def test_all_pages_are_listed(run: Any, script: Script) -> None:
    pages = [
        pb.ListPhraseSetsResponse(phrase_sets=[KEPT], next_page_token="t"),
        pb.ListPhraseSetsResponse(phrase_sets=[pb.PhraseSet(name="phraseSets/other")]),
    ]
    script.then(*pages)
    done = run("phrase-sets", "list")
    assert [request.page_token for request in script.requests] == ["", "t"]
    assert done.stdout == "phraseSets/line  2 phrases  Line 1\nphraseSets/other  0 phrases\n"
    script.then(*pages)
    assert len(run("phrase-sets", "list", "--json").stdout.splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "mask"),
    [
        (["--phrases", "stop"], ["phrases"]),
        (["--display-name", ""], ["display_name"]),
        (["--boost", "0", "--phrases", "stop"], ["phrases", "boost"]),
    ],
)
def test_update(run: Any, script: Script, arguments: list[str], mask: list[str]) -> None:
    script.always = KEPT
    assert run("phrase-sets", "update", "line", "--etag", "e1", "--allow-missing", *arguments).exit_code == 0
    (request,) = script.requests
    assert (request.phrase_set.name, request.phrase_set.etag, request.allow_missing) == ("phraseSets/line", "e1", True)
    assert list(request.update_mask.paths) == mask


def test_update_by_a_file_changes_all_that_a_file_has(run: Any, script: Script, document: Path) -> None:
    script.always = KEPT
    assert run("phrase-sets", "update", "line", "--phrases", document).exit_code == 0
    mask = ["phrases", "slots", "pronunciations", "boost", "display_name"]
    assert list(script.requests[0].update_mask.paths) == mask


def test_update_needs_something(run: Any, script: Script) -> None:
    assert run("phrase-sets", "update", "line").exit_code == 2
    assert script.requests == []


def test_delete(run: Any, script: Script) -> None:
    script.always = Empty()
    done = run("phrase-sets", "delete", "phraseSets/line", "--etag", "e1", "--allow-missing")
    assert (done.exit_code, done.stdout) == (0, "")
    request = pb.DeletePhraseSetRequest(name="phraseSets/line", etag="e1", allow_missing=True)
    assert script.requests == [request]


def test_a_set_that_is_not_there(run: Any, script: Script) -> None:
    script.always = status(grpc.StatusCode.NOT_FOUND, "name: no such set", reason="PHRASE_SET_NOT_FOUND")
    done = run("phrase-sets", "get", "line")
    assert (done.exit_code, done.stderr) == (1, "phrase-sets: name: no such set [PHRASE_SET_NOT_FOUND]\n")
