"""What was found in texts, for a person: a few short lines."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.style import Style
from rich.text import Text

from sensorium_client import (
    AnnotateTextResult,
    Classification,
    ClassifyTextResult,
    DetectedLanguage,
    DetectLanguageResult,
    EmbedTextResult,
    Entity,
    ExplainResult,
    ExtractEntitiesResult,
    PersonalData,
    Quantity,
    RankResult,
    RedactResult,
    RestoreResult,
    Result,
    Span,
    SummarizeResult,
    SummarySentence,
    TextEmbedding,
    TokenContribution,
)
from sensorium_client._text.results import RankedDocument
from sensorium_client.cli._show import heading, label_line, percent, show_lines, vector_line
from sensorium_client.cli.text._lines import Line
from sensorium_client.cli.text._run import Answer, DocumentsAnswer

_LONGEST_TITLE = 60
_LONGEST_DOCUMENT = 100
_STRONGEST = 12


def show_embedding(console: Console, _: str, answer: Answer[EmbedTextResult]) -> None:
    """Print the length of a vector and its first numbers."""
    _show(console, answer.line, answer.result, map(_embedding, answer.result.embeddings))


def show_classification(console: Console, _: str, answer: Answer[ClassifyTextResult]) -> None:
    """Print labels and their scores."""
    _show(console, answer.line, answer.result, _classification(answer.result.classifications[0]))


def show_entities(console: Console, _: str, answer: Answer[ExtractEntitiesResult]) -> None:
    """Print type, text and meaning of each entity."""
    _show(console, answer.line, answer.result, map(_entity, answer.result.entities), answer.result.language_code)


def show_languages(console: Console, _: str, answer: Answer[DetectLanguageResult]) -> None:
    """Print languages and their probabilities."""
    _show(console, answer.line, answer.result, map(_language, answer.result.languages))


def show_findings(console: Console, _: str, answer: Answer[RedactResult]) -> None:
    """Print type and text of personal data."""
    _show(console, answer.line, answer.result, map(_personal_data, answer.result.findings))


def show_text(_: Console, __: str, answer: Answer[RedactResult] | Answer[RestoreResult]) -> None:
    """Print the text itself and nothing else, so that pipes work."""
    line = answer.line
    sys.stdout.write(f"{line.before}{answer.result.text}{line.after}")
    sys.stdout.flush()


def show_annotation(console: Console, _: str, answer: Answer[AnnotateTextResult]) -> None:
    """Print every feature of a text."""
    _show(console, answer.line, answer.result, _everything(answer.result), answer.result.language_code)


def show_ranking(console: Console, _: str, answer: DocumentsAnswer[RankResult]) -> None:
    """Print score, index and text of each document, with the words that matched."""
    rows = (_ranked(found, answer.documents[found.index]) for found in answer.result.results)
    show_lines(console, heading("ranking", answer.result), rows)


def show_summary(console: Console, _: str, answer: DocumentsAnswer[SummarizeResult]) -> None:
    """Print the sentences and where each is from."""
    several = len(answer.documents) > 1
    rows = (
        _sentence(found, answer.documents[found.document_index].name if several else "")
        for found in answer.result.sentences
    )
    show_lines(console, heading("summary", answer.result), rows)


def show_explanation(console: Console, _: str, answer: Answer[ExplainResult]) -> None:
    """Print the text with what speaks for the score in green and what speaks against it in red, then the numbers."""
    result = answer.result
    facts = f"{result.label or 'score'} {result.score:.1%}"
    strongest = sorted(result.contributions, key=lambda token: -abs(token.contribution))[:_STRONGEST]
    rows = [Text("  ").append_text(_colored(answer.line.text, result.contributions)), *map(_contribution, strongest)]
    show_lines(console, heading(_title(answer.line), result, facts), rows)


def _show(console: Console, line: Line, result: Result, rows: Iterable[Text], *facts: str) -> None:
    show_lines(console, heading(_title(line), result, *filter(None, facts)), rows)


def _title(line: Line) -> str:
    text = " ".join(line.text.split())
    shown = text if len(text) <= _LONGEST_TITLE else text[: _LONGEST_TITLE - 1] + "…"
    return f"{line.name}  {shown}" if line.from_file else shown


def _everything(result: AnnotateTextResult) -> Iterator[Text]:
    yield from map(_language, result.languages)
    if result.classification is not None:
        yield from _classification(result.classification)
    if result.embedding is not None:
        yield _embedding(result.embedding)
    yield from map(_entity, result.entities)
    if result.redacted_text is not None:
        yield Text.assemble(" " * 8, ("redacted  ", "dim"), result.redacted_text)
    yield from map(_personal_data, result.personal_data)
    for sentence in result.summary_sentences:
        yield _sentence(sentence, "")


def _embedding(embedding: TextEmbedding) -> Text:
    cut = ", the end left out" if embedding.truncated else ""
    return vector_line(embedding.values.tolist()).append(f"  {embedding.token_count} tokens{cut}", "dim")


def _classification(found: Classification) -> Iterator[Text]:
    if found.unknown:
        yield Text("  unknown: none of the classes fits; the nearest are", "yellow")
    yield from map(label_line, found.labels)


def _entity(entity: Entity) -> Text:
    return _found(entity.confidence, entity.name or _words(entity.type.name), entity.span, _meaning(entity))


def _personal_data(data: PersonalData) -> Text:
    return _found(data.confidence, _words(data.type.name), data.span, "")


def _found(confidence: float, kind: str, span: Span, meaning: str) -> Text:
    place = (f"  {span.begin}-{span.end}", "dim")
    means = Text(f"  = {meaning}", "yellow") if meaning and meaning != span.text else Text()
    return Text.assemble(percent(confidence), (f"{kind:20}", "dim"), (span.text, "cyan"), means, place)


def _meaning(entity: Entity) -> str:
    return entity.date or entity.normalized or (_quantity(entity.quantity) if entity.quantity else "")


def _quantity(quantity: Quantity) -> str:
    low, high = quantity.value, quantity.upper_value
    if high is None:
        number = f"{low:g}"
    elif math.isinf(low):
        number = f"< {high:g}"
    elif math.isinf(high):
        number = f"> {low:g}"
    else:
        number = f"{low:g} to {high:g}"
    return f"{number} {quantity.ucum_unit}"


def _language(language: DetectedLanguage) -> Text:
    return Text.assemble(percent(language.confidence), ("language  ", "dim"), (language.language_code, "blue"))


def _sentence(sentence: SummarySentence, document: str) -> Text:
    origin = (f"{document}  ", "dim") if document else ""
    return Text.assemble(percent(sentence.score), origin, " ".join(sentence.span.text.split()))


def _ranked(found: RankedDocument, document: Line) -> Text:
    text = Text(document.text.replace("\n", " ").replace("\r", " "))
    spans = [span for match in found.matches for span in match.spans]
    for span in spans:
        text.stylize("bold cyan", span.begin, span.end)
    begin = max(0, min((span.begin for span in spans), default=0) - _LONGEST_DOCUMENT // 3)
    shown = text[begin : begin + _LONGEST_DOCUMENT] if len(text) > _LONGEST_DOCUMENT else text
    left, right = "…" if len(shown) < len(text) and begin else "", "…" if begin + len(shown) < len(text) else ""
    origin = (f"  {document.name}", "dim") if document.from_file else ""
    return Text.assemble(percent(found.score), (f"{found.index:>4}  ", "dim"), left, shown, right, origin)


def _colored(text: str, contributions: Iterable[TokenContribution]) -> Text:
    tokens = list(contributions)
    strongest = max((abs(token.contribution) for token in tokens), default=0.0) or 1.0
    shown = Text(text)
    for token in tokens:
        shown.stylize(_color(token.contribution / strongest), token.span.begin, token.span.end)
    return shown


def _color(share: float) -> Style:
    """Green for what speaks for the score, red for what speaks against it; the stronger the brighter."""
    name = "green" if share > 0 else "red"
    return Style(color=name, bold=abs(share) > 0.5) if abs(share) > 0.1 else Style(dim=True)


def _contribution(token: TokenContribution) -> Text:
    color = "green" if token.contribution > 0 else "red"
    return Text.assemble((f"{token.contribution:+8.3f}", color), "  ", token.span.text)


def _words(name: str) -> str:
    return name.lower().replace("_", " ")
