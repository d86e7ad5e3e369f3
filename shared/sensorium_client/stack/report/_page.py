"""The page: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape

from sensorium_client.stack.report._findings import UNKNOWN, Answer, ClassRow, Mark, Named, Survey

__all__ = ["page"]

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #1d2733; }
h1 { font-size: 1.7rem; margin-bottom: 0 } h2 { font-size: 1.2rem; margin: 2.2rem 0 .4rem } p { margin: .4rem 0 }
.dim { color: #66727f } small { font-size: .85rem }
table { border-collapse: collapse; width: 100%; margin: .6rem 0 } th { text-align: left; font-weight: 600 }
th, td { padding: .25rem .6rem .25rem 0; border-bottom: 1px solid #e3e8ed; vertical-align: top }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.bar { background: #2f7ebc; height: .8rem; border-radius: 2px; min-width: 1px }
.heat { text-align: right; font-variant-numeric: tabular-nums; font-size: .85rem }
blockquote { margin: .6rem 0; padding: .5rem .9rem; background: #f4f6f8; border-left: 4px solid #2f7ebc }
mark { background: #fff1b8; border-radius: 3px; padding: 0 .15rem } mark i { color: #8a6d00; font-size: .75rem }
code { font-size: .85rem; overflow-wrap: anywhere }
@media (max-width: 40rem) { table { display: block; overflow-x: auto } }
"""
_NUMBER, _NUMBER_TITLE = '<td class="number">', '<th class="number">'
_COLORS = {"for": "46, 160, 67", "against": "207, 34, 46"}


def page(survey: Survey) -> str:
    """The page about a log."""
    parts = (
        _head(survey),
        _section("Where the work is", _classes(survey)),
        _section("Year by year", _years(survey.classes)),
        _section("What fits no class", _unknown(survey)),
        _section("Seen before?", _similar(survey)),
        _section("What is named", _names(survey)),
        _section("In a few lines", _summary(survey)),
        _section("A shift note, read", _note(survey)),
        _section("The same note, fit to be passed on", _redacted(survey)),
        _section("Why this class?", _explanation(survey)),
        _foot(survey),
    )
    title = f"What {survey.orders:,} work orders say"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>\n'
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _head(survey: Survey) -> str:
    rate = survey.orders / survey.seconds
    return (
        f"<h1>What {survey.orders:,} work orders say</h1>\n"
        f'<p class="dim">{survey.assets} excavators of a mine, {survey.first} to {survey.last}, '
        f"{survey.cost:,.0f} of cost. Read by the text service in {survey.seconds:.0f} s, {rate:.0f} orders a second: "
        f"class, embedding and language of each.</p>\n"
    )


def _section(title: str, body: str) -> str:
    return f"<h2>{escape(title)}</h2>\n{body}\n"


def _classes(survey: Survey) -> str:
    share = survey.held_out_right / max(1, survey.held_out)
    return (
        "<p>By the major system, which the model <code>nestor_major_system</code> tells from the text alone. "
        f"On the {survey.held_out:,} orders of its classes that it has never seen in training it agrees with the "
        f"experts in <b>{share:.1%}</b>.</p>\n{_class_table(survey.classes, survey.orders)}"
    )


def _class_table(rows: Sequence[ClassRow], total: int) -> str:
    most = max((row.orders for row in rows), default=1)
    head = ("system", "orders", "share", "", "cost", "cost an order", "mean score")
    return _table(
        head,
        (
            (
                escape(row.name),
                _number(f"{row.orders:,}"),
                _number(f"{row.orders / total:.1%}"),
                f'<div class="bar" style="width: {12 * row.orders / most:.2f}rem"></div>',
                _number(f"{row.cost:,.0f}"),
                _number(f"{row.cost / row.orders:,.0f}"),
                _number(f"{row.mean_score:.2f}"),
            )
            for row in rows
        ),
    )


def _years(rows: Sequence[ClassRow]) -> str:
    years = sorted({year for row in rows for year in row.by_year})
    most = max((count for row in rows for count in row.by_year.values()), default=1)
    body = ((escape(row.name), *(_heat(row.by_year.get(year, 0), most) for year in years)) for row in rows)
    return _table(("system", *years), body)


def _heat(count: int, most: int) -> str:
    return f'<td class="heat" style="background: rgba(47, 126, 188, {0.75 * count / most:.2f})">{count or ""}</td>'


def _unknown(survey: Survey) -> str:
    (unknown,) = [row for row in survey.classes if row.name == UNKNOWN] or [ClassRow(UNKNOWN, 0, 0, 0, {})]
    examples = " · ".join(f"<code>{escape(text)}</code>" for text in survey.unknown_examples)
    return (
        f"<p>{unknown.orders:,} orders are about something else, and the model says so instead of guessing: {examples}"
        "</p>\n<p>Six classes that nobody has trained, each told by four examples in the request:</p>\n"
        f"{_class_table(survey.own_classes, max(1, unknown.orders))}"
    )


def _similar(survey: Survey) -> str:
    intro = "<p>New reports, in the words and the language of whoever writes them, and what the log has like them:</p>"
    return intro + "".join(
        f"<blockquote>{escape(found.report)}</blockquote>\n"
        + _table(("score", "date", "excavator", "order", "cost"), map(_answer, found.answers))
        for found in survey.similar
    )


def _answer(answer: Answer) -> tuple[str, ...]:
    text = _marked(answer.text, [Mark(begin, end, "") for begin, end in answer.matched])
    return _number(f"{answer.score:.2f}"), answer.date, answer.asset, text, _number(f"{answer.cost:,.0f}")


def _names(survey: Survey) -> str:
    def examples(each: Named) -> str:
        return " · ".join(f'{escape(name)} <span class="dim">{count}</span>' for name, count in each.examples.items())

    rows = ((escape(each.type), _number(str(each.count)), examples(each)) for each in survey.named)
    intro = (
        f"<p>In the newest {survey.named_in:,} orders, by the service's rules, a list of components and a pattern:</p>"
    )
    return intro + _table(("type", "times", "most often"), rows)


def _summary(survey: Survey) -> str:
    return f"<p>What stands for {escape(survey.summary_of)}:</p>{_list(survey.summary)}"


def _note(survey: Survey) -> str:
    summary = f"<p>What matters most of it:</p>{_list(survey.note_summary)}"
    return f"<blockquote>{_marked(survey.note, survey.note_entities)}</blockquote>{summary}"


def _redacted(survey: Survey) -> str:
    verdict = "gives the note back character for character" if survey.restored else "<b>does not give the note back</b>"
    return (
        f"<p>Masked:</p><blockquote>{escape(survey.masked)}</blockquote>"
        f"<p>With pseudonyms, the same for the same person; under their key <code>restore</code> {verdict}:</p>"
        f"<blockquote><code>{escape(survey.pseudonymized)}</code></blockquote>"
    )


def _explanation(survey: Survey) -> str:
    strongest = max((abs(mark.weight) for mark in survey.explanation), default=0.0) or 1.0
    text = _spliced(survey.explained, survey.explanation, lambda mark, inner: _shaded(mark, inner, strongest))
    numbers = ", ".join(f"{escape(mark.what)} {mark.weight:+.2f}" for mark in survey.explanation)
    return (
        f"<blockquote>{text}</blockquote><p><b>{escape(survey.explained_label)}</b>, {survey.explained_score:.1%}. "
        f'What the score loses without each word: <span class="dim">{numbers}</span></p>'
    )


def _shaded(mark: Mark, inner: str, strongest: float) -> str:
    color = _COLORS["for" if mark.weight > 0 else "against"]
    return f'<span style="background: rgba({color}, {0.6 * abs(mark.weight) / strongest:.2f})">{inner}</span>'


def _foot(survey: Survey) -> str:
    languages = ", ".join(f"{escape(code)} {count:,}" for code, count in [*survey.languages.items()][:8])
    models = ", ".join(f"{escape(name)} v{escape(version)}" for name, version in sorted(survey.models.items()))
    return (
        f'<p class="dim"><small>Languages told: {languages}. Models: {models}. Work orders: nist-nestor (NIST, public '
        "domain); M. Hodkiewicz and M. Ho, Cleaning historical maintenance work order data for reliability analysis, "
        "2016. The shift note is invented.</small></p>"
    )


def _marked(text: str, marks: Iterable[Mark]) -> str:
    def mark_up(mark: Mark, inner: str) -> str:
        label = f" <i>{escape(mark.what.replace('_', ' '))}</i>" if mark.what else ""
        return f"<mark>{inner}{label}</mark>"

    return _spliced(text, marks, mark_up)


def _spliced(text: str, marks: Iterable[Mark], mark_up: Callable[[Mark, str], str]) -> str:
    """The text with its marked parts, which do not overlap, marked up."""
    parts, place = [], 0
    for mark in sorted(marks, key=lambda mark: mark.begin):
        if mark.begin >= place:
            parts += [escape(text[place : mark.begin]), mark_up(mark, escape(text[mark.begin : mark.end]))]
            place = mark.end
    return "".join([*parts, escape(text[place:])])


def _table(head: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    cells = [[_cell(content) for content in row] for row in rows]
    # A title stands over its column as its cells do: over numbers at the right.
    numeric = {column for row in cells for column, cell in enumerate(row) if cell.startswith(_NUMBER)}
    titles = "".join(
        f"{_NUMBER_TITLE if column in numeric else '<th>'}{escape(title)}</th>" for column, title in enumerate(head)
    )
    body = "".join(f"<tr>{''.join(row)}</tr>\n" for row in cells)
    return f"<table><tr>{titles}</tr>\n{body}</table>\n"


def _cell(content: str) -> str:
    return content if content.startswith("<td") else f"<td>{content}</td>"


def _number(text: str) -> str:
    return f"{_NUMBER}{text}</td>"


def _list(texts: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>"
