"""Answers in a few words, for tables."""

from __future__ import annotations

from sensorium_client import (
    AnnotateResult,
    ClassifyResult,
    EmbedResult,
    FrameResult,
    ReadCodesResult,
    ReadTextResult,
)

__all__ = ["summary"]

AnyResult = ClassifyResult | EmbedResult | ReadTextResult | ReadCodesResult | AnnotateResult | FrameResult


def summary(result: AnyResult) -> str:
    """The best label, the length of the vector, every line of text, every code: each on a line of its own."""
    if isinstance(result, FrameResult):
        return summary(result.annotation) if result.annotation is not None else f"refused: {result.error}"
    parts = []
    if isinstance(result, ClassifyResult | AnnotateResult):
        parts += [f"{label.name} {label.score:.0%}" for label in result.labels[:1]]
    if isinstance(result, EmbedResult | AnnotateResult) and result.embedding is not None:
        parts.append(f"a vector of {len(result.embedding)} numbers")
    if isinstance(result, ReadTextResult | AnnotateResult):
        parts += [line.text for line in result.lines]
    if isinstance(result, ReadCodesResult | AnnotateResult):
        parts += [f"{code.symbology.name.replace('_', ' ')}: {code.text}" for code in result.codes]
    return "\n".join(parts) or "nothing found"
