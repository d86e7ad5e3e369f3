"""What was heard, for a person: a few short lines."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import timedelta

from rich.console import Console
from rich.text import Text

from sensorium_client import (
    Command,
    DetectSpeechResult,
    PhraseSet,
    RecognizeCommandsResult,
    RecognizeResult,
    RecordingResult,
    SlotValue,
    SpeechSegment,
    Utterance,
    Word,
)
from sensorium_client._speech.phrases import Slot
from sensorium_client.cli._show import heading, percent, show_lines


def show_transcript(console: Console, name: str, result: RecognizeResult) -> None:
    """Print the utterances with their times."""
    _show(console, name, result, (line for each in result.results for line in _utterance(each)))


def show_words(console: Console, name: str, result: RecognizeResult) -> None:
    """Print the utterances and their words with their times."""
    lines = (line for each in result.results for line in (*_utterance(each), *word_lines(each.words)))
    _show(console, name, result, lines)


def show_srt(_: Console, __: str, result: RecognizeResult) -> None:
    """Print SubRip subtitles."""
    sys.stdout.write(result.to_srt())


def show_vtt(_: Console, __: str, result: RecognizeResult) -> None:
    """Print WebVTT subtitles."""
    sys.stdout.write(result.to_vtt())


def show_commands(console: Console, name: str, result: RecognizeCommandsResult) -> None:
    """Print the commands with their slots, and what was none."""
    _show(console, name, result, (line for each in result.results for line in command_lines(each)))


def show_segments(console: Console, name: str, result: DetectSpeechResult) -> None:
    """Print where speech is."""
    _show(console, name, result, map(_segment, result.segments))


def show_phrase_set(console: Console, found: PhraseSet) -> None:
    """Print a phrase set."""
    facts = [found.display_name, f"boost {found.boost:g}" if found.boost else "", f"etag {found.etag}"]
    title = Text.assemble((found.name, "bold"), (f"  {', '.join(fact for fact in facts if fact)}", "dim"))
    show_lines(console, title, _phrase_set(found))


def word_lines(words: Iterable[Word]) -> Iterator[Text]:
    """A line for each word."""
    for word in words:
        times = Text(" " * 22) if word.start_offset is None else _times(word.start_offset, word.end_offset)
        yield Text.assemble("    ", times, percent(word.confidence), word.word)


def command_lines(command: Command) -> Iterator[Text]:
    """A line for a command, and one for each of its slots."""
    verdict = ("command  ", "green") if command.accepted else ("no command, most like  ", "red")
    phrase = Text(command.phrase, "bold" if command.accepted else "dim")
    meaning = (f"  {command.phrase_id}", "cyan") if command.phrase_id else ""
    yield Text.assemble(_where(command), percent(command.confidence), verdict, phrase, meaning)
    if command.accepted:
        yield from map(_slot, command.slots)


def clock(offset: timedelta) -> str:
    """A time such as 0:01.230 or 1:02:03.000."""
    milliseconds = round(offset / timedelta(milliseconds=1))
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest // 1000:02}.{rest % 1000:03}"
    return f"{hours}:{minutes:02}:{seconds}" if hours else f"{minutes}:{seconds}"


def _show(console: Console, name: str, result: RecordingResult, lines: Iterable[Text]) -> None:
    show_lines(console, heading(name, result, f"{result.audio_duration.total_seconds():.1f} s of sound"), lines)


def _utterance(utterance: Utterance) -> Iterator[Text]:
    yield Text.assemble(_where(utterance), (utterance.transcript or "(no words)", "cyan"))
    for other in utterance.alternatives[1:]:
        yield Text.assemble(" " * 22, percent(other.confidence), (other.transcript, "dim"))


def _segment(segment: SpeechSegment) -> Text:
    length = (segment.end_offset - segment.start_offset).total_seconds()
    return Text.assemble(_where(segment), percent(segment.confidence), ("speech  ", "dim"), f"{length:.2f} s")


def _where(found: Utterance | Command | SpeechSegment) -> Text:
    channel = f"[{found.channel_tag}] " if found.channel_tag else ""
    return Text.assemble("  ", _times(found.start_offset, found.end_offset), (channel, "magenta"))


def _times(begin: timedelta, end: timedelta | None) -> Text:
    return Text(f"{clock(begin):>8}  {clock(end or begin):>8}  ", "dim")


def _slot(slot: SlotValue) -> Text:
    value = f"{slot.value:g}" if isinstance(slot.value, float) else slot.value
    return Text.assemble(" " * 30, (f"{slot.name} ", "dim"), (value, "yellow"), (f"  {slot.transcript}", "dim"))


def _phrase_set(found: PhraseSet) -> Iterator[Text]:
    for phrase in found.phrases:
        if isinstance(phrase, str):
            yield Text(f"  {phrase}")
            continue
        facts = [phrase.id, f"boost {phrase.boost:g}" if phrase.boost else ""]
        yield Text.assemble(f"  {phrase.value}", (f"  {', '.join(fact for fact in facts if fact)}", "dim"))
    for name, slot in found.slots.items():
        yield Text.assemble(("  {" + name + "}  ", "yellow"), (_kind(slot), "dim"))
    for word, ways in found.pronunciations.items():
        yield Text.assemble(f"  {word}", (f"  /{ways if isinstance(ways, str) else '/, /'.join(ways)}/", "dim"))


def _kind(slot: Slot) -> str:
    fields = slot.to_fields()
    if "list" in fields:
        return "one of " + ", ".join(entry["value"] for entry in fields["list"]["entries"])
    if "unit" in fields:
        return "a unit: " + (", ".join(fields["unit"]["ucum_units"]) or "any")
    number = fields["number"]
    most = "" if number["maximum"] is None else f" to {number['maximum']:g}"
    return f"a number from {number['minimum']:g}{most}"
