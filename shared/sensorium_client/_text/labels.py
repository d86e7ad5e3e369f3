"""Classes that a request defines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sensorium_client._message import Fields, invalid


@dataclass(frozen=True)
class LabelDefinition:
    """A class that a request defines."""

    name: str
    description: str = ""
    """What belongs to it, in a few words; empty for the name."""
    examples: Sequence[str] = ()
    """Texts of the class, up to 64. Where any class has examples, every class needs some."""

    def to_fields(self) -> Fields:
        """The fields of the protobuf message."""
        return {"name": self.name, "description": self.description, "examples": list(self.examples)}


Labels: TypeAlias = Mapping[str, str | Sequence[str]] | Iterable[str | LabelDefinition]
"""Classes of a request's own: their names, each with a description (`{"leak": "oil or water escapes"}`) or with
examples (`{"leak": ["hose is wet", …], "noise": […]}`); names alone (`["leak", "noise"]`); or `LabelDefinition`s."""


def label_fields(labels: Labels) -> list[Fields]:
    """The fields of the protobuf messages for some classes.

    Raises:
        InvalidInputError: it is none of what `Labels` tells.
    """
    if isinstance(labels, str):
        raise _no_labels()
    pairs = labels.items() if isinstance(labels, Mapping) else ((label, "") for label in labels)
    return [_definition(label, meaning).to_fields() for label, meaning in pairs]


def _definition(label: str | LabelDefinition, meaning: str | Sequence[str]) -> LabelDefinition:
    if isinstance(label, LabelDefinition):
        return label
    if not isinstance(label, str):
        raise _no_labels()
    return LabelDefinition(label, meaning) if isinstance(meaning, str) else LabelDefinition(label, examples=meaning)


def _no_labels() -> Exception:
    text = 'give names, or names with descriptions or examples: {"leak": ["hose is wet"], "noise": ["it rattles"]}'
    return invalid("options.label_set", text)
