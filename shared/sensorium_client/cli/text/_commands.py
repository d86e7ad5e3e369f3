"""The text commands: what each of them takes, and what it asks the service."""

# ruff: noqa: PLC0415 - a command imports what it needs, so that the others and --help start quickly

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sensorium_client._defaults import DEFAULT_DEADLINE, TEXT
from sensorium_client.cli._options import AsJson, Deadline, exit_codes, kinds_of, named, with_common
from sensorium_client.cli.text import _redaction
from sensorium_client.cli.text._labels import Example, Label, LabelFile, wanted_labels
from sensorium_client.cli.text._options import Address, DocumentCommon, Language, LineCommon, TextCommon

if TYPE_CHECKING:
    from sensorium_client import Gazetteer
    from sensorium_client._text.options import TextFeature

_EXIT_CODES = exit_codes("text")

app = typer.Typer(
    help=f"Read: what texts are about, what is named in them, what is like them; redact them.\n\n{_EXIT_CODES}",
    epilog=_EXIT_CODES,
    no_args_is_help=True,
)


class FeatureName(Enum):
    """What `annotate --features` takes."""

    embed = "embed"
    classify = "classify"
    extract = "extract"
    redact = "redact"
    summarize = "summarize"
    language = "language"


ModelName = Annotated[str, typer.Option(help="The model to use.", show_default="the service's default")]
TopK = Annotated[int, typer.Option(min=0, max=1000, help="How many at most; 0: the service's default.")]
UnknownThreshold = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="A lower best score means unknown.", show_default="the service's default"),
]
LexicalWeight = Annotated[
    float | None, typer.Option(min=0, max=1, help="Share of the words' score in the score.", show_default="0.4")
]
MinConfidence = Annotated[
    float | None, typer.Option(min=0, max=1, help="Leave out what is less certain.", show_default="0.5")
]
MaxSentences = Annotated[int | None, typer.Option(min=1, max=100, help="Sentences at most.", show_default="3")]
EntityTypes = Annotated[
    list[str] | None,
    typer.Option("--type", help="Only this kind, such as serial-number; may be repeated.", show_default=False),
]
Gazetteers = Annotated[
    list[str] | None,
    typer.Option(
        "--gazetteer",
        metavar="NAME=FILE",
        help="Also find the names in a file: one a line, other ways to write it behind tabs; may be repeated.",
        show_default=False,
    ),
]
Patterns = Annotated[
    list[str] | None,
    typer.Option("--pattern", metavar="NAME=REGEX", help="Also find this (RE2); may be repeated.", show_default=False),
]


@app.command(epilog=_EXIT_CODES)
@with_common
def embed(common: LineCommon, model: ModelName = "") -> None:
    """Turn texts into vectors for similarity search; --json has the numbers."""
    from sensorium_client import EmbedTextOptions
    from sensorium_client.cli.text import _annotations, _show
    from sensorium_client.cli.text._asking import Method
    from sensorium_client.cli.text._run import run_lines

    method = Method(
        lambda client, text: client.embed(text, model=model, **common.call_arguments()),
        [EmbedTextOptions(model)],
        _annotations.embed_result,
    )
    raise typer.Exit(run_lines(common, method, _show.show_embedding))


@app.command(epilog=_EXIT_CODES)
@with_common
def rank(
    common: DocumentCommon,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="What is looked for.")],
    top_k: TopK = 0,
    lexical_weight: LexicalWeight = None,
    model: ModelName = "",
) -> None:
    """Order documents, such as the lines of a file, by how well they answer a query; up to 512 of them."""
    from sensorium_client.cli.text._run import run_ranking
    from sensorium_client.cli.text._show import show_ranking

    raise typer.Exit(
        run_ranking(
            common,
            lambda client, documents: client.rank(
                query,
                documents,
                top_k=top_k,
                lexical_weight=lexical_weight,
                model=model,
                **common.call_arguments(),
            ),
            show_ranking,
        )
    )


@app.command(epilog=_EXIT_CODES)
@with_common
def classify(
    common: LineCommon,
    *,
    label: Label = None,
    example: Example = None,
    labels: LabelFile = None,
    top_k: TopK = 0,
    unknown_threshold: UnknownThreshold = None,
    model: ModelName = "",
) -> None:
    """Say which class texts belong to: of a trained head, or of your own by description or by a few examples."""
    from sensorium_client import ClassifyTextOptions
    from sensorium_client.cli.text import _annotations, _show
    from sensorium_client.cli.text._asking import Method
    from sensorium_client.cli.text._run import run_lines

    own = wanted_labels(label, example, labels)
    method = Method(
        lambda client, text: client.classify(
            text,
            labels=own,
            model=model,
            top_k=top_k,
            unknown_threshold=unknown_threshold,
            **common.call_arguments(),
        ),
        [ClassifyTextOptions(own, model, top_k, unknown_threshold)],
        _annotations.classify_result,
    )
    raise typer.Exit(run_lines(common, method, _show.show_classification))


@app.command(epilog=_EXIT_CODES)
@with_common
def extract(
    common: LineCommon,
    *,
    kind: EntityTypes = None,
    pattern: Patterns = None,
    gazetteer: Gazetteers = None,
    min_confidence: MinConfidence = None,
    language: Language = "",
    model: ModelName = "",
) -> None:
    """Find persons, places, dates, part and serial numbers, tags, quantities and codes, and what you define."""
    from sensorium_client import EntityType, ExtractEntitiesOptions
    from sensorium_client.cli.text import _annotations, _show
    from sensorium_client.cli.text._asking import Method
    from sensorium_client.cli.text._run import run_lines

    types = kinds_of(EntityType, kind, "--type")
    options = ExtractEntitiesOptions(types, min_confidence, _patterns(pattern), _gazetteers(gazetteer), model)
    method = Method(
        lambda client, text: client.extract_entities(
            text,
            types=types,
            min_confidence=min_confidence,
            patterns=options.patterns,
            gazetteers=options.gazetteers,
            model=model,
            language_code=language,
            **common.call_arguments(),
        ),
        [options],
        _annotations.extract_entities_result,
    )
    raise typer.Exit(run_lines(common, method, _show.show_entities, language=language))


_redaction.register(app, _EXIT_CODES)


@app.command(epilog=_EXIT_CODES)
@with_common
def summarize(
    common: TextCommon,
    max_sentences: MaxSentences = None,
    max_characters: Annotated[
        int | None, typer.Option(min=20, max=10000, help="Characters at most, instead of sentences.")
    ] = None,
    language: Language = "",
    model: ModelName = "",
) -> None:
    """Pick the sentences that say most of one or many documents; each file is a document."""
    from sensorium_client.cli.text._run import run_summary
    from sensorium_client.cli.text._show import show_summary

    if max_sentences is not None and max_characters is not None:
        raise typer.BadParameter("give --max-sentences or --max-characters, not both")
    raise typer.Exit(
        run_summary(
            common,
            lambda client, documents: client.summarize(
                documents,
                max_sentences=max_sentences,
                max_characters=max_characters,
                language_code=language,
                model=model,
                **common.call_arguments(),
            ),
            show_summary,
        )
    )


@app.command(epilog=_EXIT_CODES)
@with_common
def language(
    common: LineCommon,
    top_k: Annotated[int, typer.Option(min=0, max=20, help="How many at most; 0: the service's default, 3.")] = 0,
) -> None:
    """Say which language texts are written in."""
    from sensorium_client import DetectLanguageOptions
    from sensorium_client.cli.text import _annotations, _show
    from sensorium_client.cli.text._asking import Method
    from sensorium_client.cli.text._run import run_lines

    method = Method(
        lambda client, text: client.detect_language(text, top_k=top_k, **common.call_arguments()),
        [DetectLanguageOptions(top_k)],
        _annotations.detect_language_result,
    )
    raise typer.Exit(run_lines(common, method, _show.show_languages))


@app.command(epilog=_EXIT_CODES)
@with_common
def annotate(
    common: LineCommon,
    *,
    features: Annotated[
        str, typer.Option(metavar="NAMES", help="Of embed,classify,extract,redact,summarize,language.")
    ] = "embed,classify,extract,redact,summarize,language",
    label: Label = None,
    example: Example = None,
    labels: LabelFile = None,
    top_k: TopK = 0,
    kind: EntityTypes = None,
    pattern: Patterns = None,
    min_confidence: MinConfidence = None,
    max_sentences: MaxSentences = None,
    language: Language = "",
) -> None:
    """Compute several features of each text at once; what is redacted is masked."""
    from sensorium_client import (
        ClassifyTextOptions,
        DetectLanguageOptions,
        EmbedTextOptions,
        EntityType,
        ExtractEntitiesOptions,
        RedactOptions,
        SummarizeOptions,
    )
    from sensorium_client._text.responses import annotate_result
    from sensorium_client.cli.text import _show
    from sensorium_client.cli.text._asking import Method
    from sensorium_client.cli.text._run import run_lines

    types = kinds_of(EntityType, kind, "--type")
    options: dict[FeatureName, TextFeature] = {
        FeatureName.embed: EmbedTextOptions(),
        FeatureName.classify: ClassifyTextOptions(wanted_labels(label, example, labels), top_k=top_k),
        FeatureName.extract: ExtractEntitiesOptions(types, min_confidence, _patterns(pattern)),
        FeatureName.redact: RedactOptions(min_confidence=min_confidence),
        FeatureName.summarize: SummarizeOptions(max_sentences),
        FeatureName.language: DetectLanguageOptions(),
    }
    wanted = [options[name] for name in named(FeatureName, features, "--features")]
    method = Method(
        lambda client, text: client.annotate(text, wanted, language_code=language, **common.call_arguments()),
        wanted,
        annotate_result,
    )
    raise typer.Exit(run_lines(common, method, _show.show_annotation, language=language))


@app.command(epilog=_EXIT_CODES)
@with_common
def explain(
    common: LineCommon,
    *,
    query: Annotated[
        str | None, typer.Option(help="Explain the texts' scores as documents for this query.", show_default=False)
    ] = None,
    of: Annotated[
        str, typer.Option("--class", metavar="NAME", help="Explain this class.", show_default="the best one")
    ] = "",
    label: Label = None,
    example: Example = None,
    labels: LabelFile = None,
    lexical_weight: LexicalWeight = None,
    model: ModelName = "",
) -> None:
    """Say how much each word contributes to a class or, with --query, to a ranking."""
    from sensorium_client.cli.text._asking import Method
    from sensorium_client.cli.text._run import run_lines
    from sensorium_client.cli.text._show import show_explanation

    own = wanted_labels(label, example, labels)
    if query is not None and (of or own):
        raise typer.BadParameter("a query ranks; --class, --label, --example and --labels classify: give one of them")
    if query is None and lexical_weight is not None:
        raise typer.BadParameter("it belongs to a --query", param_hint="--lexical-weight")
    method = Method(
        lambda client, text: client.explain(
            text,
            query=query,
            label=of,
            labels=own,
            lexical_weight=lexical_weight,
            model=model,
            **common.call_arguments(),
        )
    )
    raise typer.Exit(run_lines(common, method, show_explanation))


@app.command(epilog=_EXIT_CODES)
def models(address: Address = TEXT.address, as_json: AsJson = False, deadline: Deadline = DEFAULT_DEADLINE) -> None:
    """List the models that the service uses."""
    from sensorium_client import TextClient
    from sensorium_client.cli._run import run_models

    raise typer.Exit(run_models(TextClient, address, deadline, as_json=as_json))


def _patterns(texts: list[str] | None) -> dict[str, str]:
    found = {}
    for text in texts or ():
        name, equals, pattern = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"{text!r} is not NAME=REGEX", param_hint="--pattern")
        found[name] = pattern
    return found


def _gazetteers(texts: list[str] | None) -> list[Gazetteer]:
    from sensorium_client import Gazetteer

    found = []
    for text in texts or ():
        name, _, file = text.partition("=")
        try:
            lines = Path(file).read_text(encoding="utf-8-sig").splitlines() if file else []
        except (OSError, UnicodeDecodeError) as failure:
            raise typer.BadParameter(f"cannot read {file}: {failure}", param_hint="--gazetteer") from None
        entries = {first: rest for first, *rest in (line.split("\t") for line in lines if line.strip())}
        if not entries:
            raise typer.BadParameter(f"{text!r} is not NAME=FILE, or the file is empty", param_hint="--gazetteer")
        found.append(Gazetteer(name, entries))
    return found
