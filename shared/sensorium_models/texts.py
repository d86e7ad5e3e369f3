"""Sentences for the model check, as plants write them, and batches of token ids."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["PADDING", "SENTENCES", "in_batches", "padded"]

PADDING = -1
"""What stands behind the last token of a row: no token has this id."""

SENTENCES: Mapping[str, Sequence[str]] = {
    "English": (
        "Replace the worn seal of hydraulic pump P-101.",
        "BUCKET WON'T OPEN",
        "L/H boom cyl leaking, topped up 20 L of oil & will monitor",
        "Mr. John Smith of Siemens called from Hamburg on 12 March 2024 about the vibration of the main gearbox, which "
        "had risen from 2.1 mm/s to 7.8 mm/s within a fortnight; he asks for the spectra of both bearings.",
        "ok",
    ),
    "Chinese": (
        "更换液压泵的密封件。",
        "二号主轴轴承温度过高，已停机检查。",
        "请在周五之前更换空压机的滤芯，并记录压差。",
        "漏油",
    ),
    "other languages": (
        "Die Dichtung der Hydraulikpumpe ist verschlissen und muss getauscht werden.",
        "La courroie du convoyeur numéro 3 est déchirée.",
        "Cambiar el filtro de aceite del compresor.",
        "油圧ポンプのシールを交換してください。",
        "Замените подшипник главного вала.",
        "Il motore si surriscalda dopo dieci minuti.",
    ),
    "mixed": (
        "Ventil V-12 \N{ELECTRIC PLUG} ausgefallen, 压力 0.3 MPa, see photo",
        "re\N{COMBINING ACUTE ACCENT}parer la pompe a\N{COMBINING GRAVE ACCENT} huile",
        "E-4711: Überdruck \N{WARNING SIGN} > 16 bar @ 80 °C",
    ),
}
"""Real sentences by language, short and long ones side by side."""


def padded(rows: Iterable[Sequence[int]]) -> NDArray[np.int32]:
    """One batch `int32[N,T]` of the rows, each padded on the right with -1 to the longest."""
    lists = [list(row) for row in rows]
    batch = np.full((len(lists), max(map(len, lists), default=0)), PADDING, np.int32)
    for row, ids in zip(batch, lists, strict=True):
        row[: len(ids)] = ids
    return batch


def in_batches(rows: Sequence[Sequence[int]], size: int = 64) -> Iterator[NDArray[np.int32]]:
    """The rows in order, padded in batches of `size`; a row of nothing is one of padding."""
    for start in range(0, len(rows), size):
        yield padded([row or [PADDING] for row in rows[start : start + size]])
