"""The tables of a page of documentation."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs"
Row = list[str]


def section(page: str, heading: str) -> str:
    """The text under a heading, up to the next of its rank or above."""
    text = (DOCS / page).read_text()
    found = re.search(rf"(?m)^(#+) {re.escape(heading)}$", text)
    assert found is not None, f"{page} has no heading {heading!r}"
    text = text[found.end() :]
    end = re.search(rf"(?m)^#{{1,{len(found[1])}}} ", text)
    return text[: end.start()] if end else text


def rows(text: str) -> list[Row]:
    """The rows of all tables in a text, without their headers, cell by cell."""
    found: list[Row] = []
    previous = ""
    for line in text.splitlines():
        if line.startswith("|") and previous.startswith("|") and not line.startswith("|---"):
            found.append([cell.strip() for cell in line.strip("|").split("|")])
        previous = line
    return found


def names(cell: str) -> list[str]:
    """What stands in backticks in a cell."""
    return re.findall(r"`([^`]+)`", cell)
