"""Real work orders of excavators in a mine, from the package that the builder has fetched."""

# ruff: noqa: PLC0415 - the model builder is an extra that only the demo needs

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

__all__ = ["OrdersMissingError", "WorkOrder", "nestor_orders"]

_FILE = "nestor/datasets/excavators-cleaned.csv"


class OrdersMissingError(Exception):
    """The work orders are not here and cannot be fetched; the text says why."""


@dataclass(frozen=True)
class WorkOrder:
    """A work order."""

    date: str
    """ISO 8601."""
    asset: str
    """Which excavator, a letter."""
    text: str
    cost: float
    """In the mine's currency; negative where something was credited, 0 where it cannot be read (one order)."""
    system: str
    """The major system that experts assigned; empty for none."""
    held_out: bool
    """Whether it was kept from the training of nestor_major_system."""


def nestor_orders(root: Path) -> list[WorkOrder]:
    """The work orders of nist-nestor (NIST, public domain), in the file's order.

    Args:
        root: the checkout, in whose cache the package lies.

    Raises:
        OrdersMissingError: the package is not there and cannot be fetched.
    """
    try:
        from sensorium_models.errors import ModelError
        from sensorium_models.wheels import open_sources
        from sensorium_models.work_orders import NESTOR, is_held_out
        from sensorium_models.workplace import Workplace
    except ImportError as error:
        raise OrdersMissingError(
            f"the model tools are not installed ({error}): pip install 'sensorium[models]'"
        ) from error
    try:
        file = open_sources(Workplace(root), [NESTOR]).file(NESTOR.project, _FILE)
    except ModelError as error:
        raise OrdersMissingError(str(error)) from error
    with file.open(encoding="utf-8", newline="") as rows:
        return [_order(row, held_out=is_held_out(row["OriginalShorttext"])) for row in csv.DictReader(rows)]


def _order(row: dict[str, str], *, held_out: bool) -> WorkOrder:
    return WorkOrder(
        date=row["BscStartDate"],
        asset=row["Asset"],
        text=row["OriginalShorttext"],
        cost=_number(row["Cost"]),
        system=row["MajorSystem"].replace("NA", ""),
        held_out=held_out,
    )


def _number(text: str) -> float:
    """The number; 0 where a comma in the text of a row has moved its columns."""
    try:
        return float(text)
    except ValueError:
        return 0.0
