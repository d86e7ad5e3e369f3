from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from sensorium_client.stack.report import OrdersMissingError, Survey, nestor_orders, page
from sensorium_client.stack.report._findings import Answer, ClassRow, Mark, Named, Similar
from sensorium_models import wheels
from sensorium_models.errors import WheelError

HEADER = "BscStartDate,Asset,OriginalShorttext,PMType,Cost,MajorSystem\n"
SURVEY = Survey(
    orders=4,
    first="2001-07-05",
    last="2002-01-01",
    assets=2,
    cost=1234.5,
    seconds=2.0,
    classes=[
        ClassRow("Engine", 3, 1000.0, 0.9, {"2001": 2, "2002": 1}),
        ClassRow("unknown", 1, 234.5, 0.01, {"2002": 1}),
    ],
    held_out=50,
    held_out_right=49,
    own_classes=[ClassRow("Cab & seat", 1, 234.5, 0.8, {"2002": 1})],
    unknown_examples=["seat <torn>"],
    languages={"en": 4},
    similar=[Similar("Öl & Schlauch", [Answer("2001-07-05", "A", "oil at hose", 12.0, 0.875, [(0, 3), (7, 11)])])],
    named_in=4,
    named=[Named("component", 3, {"hose": 2, "pump": 1})],
    summary_of="the last 4 orders of excavator A, which has cost most",
    summary=["oil at hose"],
    note="Jo called.",
    note_entities=[Mark(0, 2, "person")],
    note_summary=["Jo called."],
    masked="[PERSON_NAME] called.",
    pseudonymized="<PERSON_NAME:abc> called.",
    restored=True,
    explained="oil leak",
    explained_label="Hydraulics",
    explained_score=0.75,
    explanation=[Mark(0, 3, "oil", 0.5), Mark(4, 8, "leak", -0.25)],
    models={"net": "1"},
)


class Balance(HTMLParser):
    """Every element that opens closes, in the right order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole() -> None:
    balance = Balance()
    balance.feed(page(SURVEY))
    balance.close()
    assert balance.open == []


@pytest.mark.parametrize(
    "part",
    [
        "<h1>What 4 work orders say</h1>",
        "2001-07-05 to 2002-01-01, 1,234 of cost. Read by the text service in 2 s, 2 orders a second",
        "On the 50 orders of its classes that it has never seen in training it agrees with the experts in <b>98.0%</b>",
        '<td>Engine</td><td class="number">3</td><td class="number">75.0%</td>',
        '<td class="number">1,000</td><td class="number">333</td><td class="number">0.90</td>',
        '<th class="number">score</th><th>date</th><th>excavator</th><th>order</th><th class="number">cost</th>',
        "<code>seat &lt;torn&gt;</code>",
        "<td>Cab &amp; seat</td>",
        "<blockquote>Öl &amp; Schlauch</blockquote>",
        "<td><mark>oil</mark> at <mark>hose</mark></td>",
        'hose <span class="dim">2</span>',
        "<mark>Jo <i>person</i></mark> called.",
        "&lt;PERSON_NAME:abc&gt; called.",
        "gives the note back character for character",
        '<span style="background: rgba(46, 160, 67, 0.60)">oil</span>',
        '<span style="background: rgba(207, 34, 46, 0.30)">leak</span>',
        "oil +0.50, leak -0.25",
        "Languages told: en 4. Models: net v1.",
    ],
)
def test_the_page_tells(part: str) -> None:
    assert part in page(SURVEY)


def test_a_note_that_is_not_restored_is_told() -> None:
    assert "<b>does not give the note back</b>" in page(Survey(**{**SURVEY.__dict__, "restored": False}))


def test_the_findings_are_plain_values() -> None:
    document = json.loads(json.dumps(SURVEY.to_json()))
    assert document["classes"][0]["by_year"] == {"2001": 2, "2002": 1}
    assert document["similar"][0]["answers"][0]["matched"] == [[0, 3], [7, 11]]


def test_work_orders_are_read_from_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "nestor" / "datasets" / "excavators-cleaned.csv"
    file.parent.mkdir(parents=True)
    file.write_text(HEADER + "2004-07-01,A,BUCKET WON'T OPEN,PM01,183.05,Bucket\n2004-07-02,B,a, b,PM01,1\n")
    monkeypatch.setattr(wheels, "open_sources", lambda place, wheel: wheels.Sources({"nist-nestor": tmp_path}))
    first, moved = nestor_orders(tmp_path)
    assert (first.date, first.asset, first.text, first.cost, first.system) == (
        "2004-07-01",
        "A",
        "BUCKET WON'T OPEN",
        183.05,
        "Bucket",
    )
    assert (moved.text, moved.cost) == ("a", 0.0)


def test_work_orders_that_are_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise WheelError("no network")

    monkeypatch.setattr(wheels, "open_sources", fail)
    with pytest.raises(OrdersMissingError, match="no network"):
        nestor_orders(tmp_path)
