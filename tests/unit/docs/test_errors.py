"""docs/errors.md has every reason of an error with what it means and what to do, and none that is not there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import grpc

from unit.docs.tables import DOCS, rows

ROOT = DOCS.parent
REASON = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
SERVER = (*(ROOT / "services").glob("*/sensorium_*"), ROOT / "shared" / "sensorium_core")
CLIENT = (ROOT / "shared" / "sensorium_client",)


def reasons_of(folders: tuple[Path, ...]) -> set[str]:
    return {found for folder in folders for file in folder.rglob("*.py") for found in _reasons(file)}


def _reasons(file: Path) -> Iterator[str]:
    """What stands for `reason` in calls, in calls that make an error, and in constants named after reasons."""
    tree = ast.parse(file.read_text())
    constants = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    constants |= {
        node.target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            given = [each.value for each in node.keywords if each.arg == "reason"]
            given += [constants[each.id] for each in given if isinstance(each, ast.Name) and each.id in constants]
            if ast.unparse(node.func).endswith("Error"):
                given += node.args
            yield from _literals(given)
        if isinstance(node, ast.FunctionDef):  # an error that has a reason of its own
            pairs = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            yield from _literals(default for argument, default in pairs if argument.arg == "reason")
    for name, value in constants.items():
        if "REASON" in name:
            yield from _literals(each for each in ast.walk(value) if isinstance(each, ast.expr))


def _literals(nodes: object) -> Iterator[str]:
    for node in nodes:  # type: ignore[attr-defined]  # lists and iterators of nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and REASON.fullmatch(node.value):
            yield node.value


def table() -> dict[str, tuple[str, str, str]]:
    """Status, meaning and advice by reason."""
    found, status = {}, ""
    for cells in rows((DOCS / "errors.md").read_text()):
        status = cells[0] or status
        if cells[1] == "without details":  # told by gRPC on the caller's side, which knows no reasons
            continue
        for reason in cells[1].split(", "):
            assert reason not in found, f"{reason} is there twice"
            found[reason] = (status, cells[2], cells[3])
    return found


def test_every_reason_of_a_server_is_documented_and_no_other() -> None:
    told = table().keys()
    assert told == reasons_of(SERVER), told ^ reasons_of(SERVER)


def test_every_reason_says_what_it_means_and_what_to_do_under_a_status_of_grpc() -> None:
    for reason, (status, meaning, advice) in table().items():
        assert hasattr(grpc.StatusCode, status), reason
        assert meaning, reason
        assert advice, reason


def test_reasons_that_only_the_client_gives_are_told_below_the_table() -> None:
    text = (DOCS / "errors.md").read_text()
    own = reasons_of(CLIENT) - table().keys()
    assert {reason for reason in own if reason not in text} == set()
