"""What the service says of a log."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from sensorium_client.stack.report._orders import WorkOrder
from sensorium_client.stack.texts import SHIFT_NOTE

__all__ = ["UNKNOWN", "Answer", "ClassRow", "Mark", "Named", "Read", "Similar", "Survey"]

UNKNOWN = "unknown"
"""Takes the place of a class's name for what fits none."""


@dataclass(frozen=True)
class Read:
    """What the service says of a work order."""

    order: WorkOrder
    label: str
    score: float
    unknown: bool
    language: str

    @property
    def shown_label(self) -> str:
        """The class, or that there is none."""
        return UNKNOWN if self.unknown else self.label


@dataclass(frozen=True)
class ClassRow:
    """Work orders of one class."""

    name: str
    orders: int
    cost: float
    mean_score: float
    by_year: dict[str, int]


@dataclass(frozen=True)
class Answer:
    """A past work order that is like a new report."""

    date: str
    asset: str
    text: str
    cost: float
    score: float
    matched: list[tuple[int, int]]
    """Places of words that the report has, too."""


@dataclass(frozen=True)
class Similar:
    """A new report and the past orders most like it."""

    report: str
    answers: list[Answer]


@dataclass(frozen=True)
class Named:
    """Entities of one type in the newest orders."""

    type: str
    count: int
    examples: dict[str, int]
    """The most frequent ones, with how often."""


@dataclass(frozen=True)
class Mark:
    """A part of a text, and what it is or how much it says."""

    begin: int
    end: int
    what: str
    weight: float = 0.0


@dataclass
class Survey:
    """Everything that the page tells."""

    orders: int = 0
    first: str = ""
    last: str = ""
    assets: int = 0
    cost: float = 0.0
    seconds: float = 0.0
    """For reading all orders over one stream."""
    classes: list[ClassRow] = field(default_factory=list)
    """Of the trained head, by falling number, the unknown ones last."""
    held_out: int = 0
    """Orders of the head's classes that it has not been trained on."""
    held_out_right: int = 0
    own_classes: list[ClassRow] = field(default_factory=list)
    """Of the orders that are unknown to the head."""
    unknown_examples: list[str] = field(default_factory=list)
    languages: dict[str, int] = field(default_factory=dict)
    similar: list[Similar] = field(default_factory=list)
    named_in: int = 0
    named: list[Named] = field(default_factory=list)
    summary_of: str = ""
    summary: list[str] = field(default_factory=list)
    note: str = SHIFT_NOTE
    note_entities: list[Mark] = field(default_factory=list)
    note_summary: list[str] = field(default_factory=list)
    masked: str = ""
    pseudonymized: str = ""
    restored: bool = False
    explained: str = ""
    explained_label: str = ""
    explained_score: float = 0.0
    explanation: list[Mark] = field(default_factory=list)
    models: dict[str, str] = field(default_factory=dict)
    """Those that answered, with their versions."""

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)
