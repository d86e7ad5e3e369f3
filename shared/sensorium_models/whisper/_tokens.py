"""Which of a Whisper's tokens mean what, told by its tokenizer and its generation_config.json."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sensorium_models.bytelevel import special_tokens
from sensorium_models.errors import ModelError

__all__ = ["Tokens"]

START, TRANSCRIBE, NO_TIMES, END = "<|startoftranscript|>", "<|transcribe|>", "<|notimestamps|>", "<|endoftext|>"
_LANGUAGE = re.compile(r"<\|([a-z]{2,3})\|>")
# Whisper's codes that are not those of BCP 47.
_CODES = {"jw": "jv"}
_MULTILINGUAL = 51_865
"""Tokens of the smallest vocabulary with languages; English-only networks have one less."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens by what they mean.

    Attributes:
        start, end: Of a text.
        languages: By BCP 47 code; the first is the default. None where the network knows English only.
        task: What follows the language: that speech is written down, without times.
        never: Those that no text holds.
        not_first: Those that no text begins with.
    """

    start: int
    end: int
    languages: Mapping[str, int]
    task: tuple[int, ...]
    never: tuple[int, ...]
    not_first: tuple[int, ...]

    @classmethod
    def read(
        cls, tokenizer: Mapping[str, Any], generation: Mapping[str, Any], size: int, wanted: Sequence[str] = ()
    ) -> "Tokens":
        """Reads them.

        Args:
            tokenizer: The content of `tokenizer.json`.
            generation: Of `generation_config.json`, or of an older `config.json`, which has the same keys.
            size: Of the vocabulary.
            wanted: Only these languages, by code, the default first; all where there are none.

        Raises:
            ModelError: One is missing, or a language that is wanted.
        """
        named = special_tokens(tokenizer)
        if missing := [name for name in (START, NO_TIMES, END) if name not in named]:
            raise ModelError(f"tokenizer.json has no {', '.join(missing)}: it is no tokenizer of Whisper")
        multilingual = bool(generation.get("is_multilingual", size >= _MULTILINGUAL))
        languages = _languages(named, wanted) if multilingual else {}
        if not multilingual and set(wanted) - {"en"}:
            raise ModelError("this Whisper knows English only")
        if multilingual and TRANSCRIBE not in named:
            raise ModelError(f"tokenizer.json has no {TRANSCRIBE}: it is no tokenizer of a multilingual Whisper")
        task = ([named[TRANSCRIBE]] if multilingual else []) + [named[NO_TIMES]]
        special = {token for token in named.values() if token != named[END]}
        beyond = range(named[NO_TIMES] + 1, size)  # times
        never = special | set(_numbers(generation, "suppress_tokens", size)) | set(beyond)
        return cls(
            named[START],
            named[END],
            languages,
            tuple(task),
            tuple(sorted(never - {named[END]})),
            tuple(_numbers(generation, "begin_suppress_tokens", size)),
        )

    @property
    def codes(self) -> tuple[str, ...]:
        """The languages, as BCP 47 codes."""
        return tuple(self.languages) or ("en",)

    def parameter(self, *, positions: int, samples: int) -> str:
        """What the served model must know, as a parameter of its configuration."""
        return json.dumps(
            {
                "start": self.start,
                "languages": list(self.languages.values()),
                "task": self.task,
                "end": self.end,
                "not_first": self.not_first,
                "positions": positions,
                "samples": samples,
            }
        )


def _languages(named: Mapping[str, int], wanted: Sequence[str]) -> dict[str, int]:
    found = {match[1]: token for name, token in named.items() if (match := _LANGUAGE.fullmatch(name))}
    known = {_CODES.get(code, code): token for code, token in sorted(found.items(), key=lambda item: item[1])}
    if unknown := [code for code in wanted if code not in known]:
        raise ModelError(f"this Whisper does not know {', '.join(unknown)}; it knows {', '.join(known) or 'none'}")
    return {code: known[code] for code in wanted or known}


def _numbers(generation: Mapping[str, Any], key: str, size: int) -> list[int]:
    given = generation.get(key) or []
    if not isinstance(given, list) or not all(isinstance(one, int) and -1 <= one < size for one in given):
        raise ModelError(f"generation_config.json: {key} must be a list of tokens")
    return [one for one in given if one >= 0]
