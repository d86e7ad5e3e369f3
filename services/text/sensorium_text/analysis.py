"""One text under analysis: what several features need of it is computed once."""

import asyncio
import re

from sensorium_core.call import Stage
from sensorium_core.limits import BoundedExecutor
from sensorium_text.language import LanguageDetector
from sensorium_text.sequences import Encoding, SequenceModel

# What callers write for the languages that have models; by BCP 47 the code of two letters goes before.
_SAME = {"eng": "en", "zho": "zh", "chi": "zh", "cmn": "zh"}
_SEPARATOR = re.compile("[-_]")


def primary_language(code: str) -> str:
    """The primary subtag of a language's code, such as `zh` of `zh-Hans` or `zh_CN`; empty for an empty one."""
    primary = _SEPARATOR.split(code, 1)[0].lower()
    return _SAME.get(primary, primary)


class Analysis:
    """A text, its language and its tokens.

    Args:
        text: as it came.
        language_code: BCP 47, as the caller gave it; empty to detect it.
        detector: finds the language out.
        work: where that runs.
    """

    def __init__(self, text: str, language_code: str, detector: LanguageDetector, work: BoundedExecutor) -> None:
        self.text = text
        self.known_language = primary_language(language_code)
        self._detector = detector
        self._work = work
        self._lock = asyncio.Lock()
        self._encodings: dict[str, Encoding] = {}

    async def language(self) -> str:
        """The primary subtag of the language, such as `en`: as given, or as detected."""
        async with self._lock:
            if not self.known_language:
                found = await self._work.run(Stage.PREPROCESS, self._detector.detect, self.text, 1)
                self.known_language = found[0].code
        return self.known_language

    async def encoding(self, model: SequenceModel) -> Encoding:
        """The text's tokens for a model."""
        async with self._lock:
            if model.name not in self._encodings:
                (self._encodings[model.name],) = await model.encode([self.text])
        return self._encodings[model.name]
