"""When each word of a text was said: forced alignment of its phonemes with those that are heard."""

import math
from collections.abc import Mapping, Sequence

from sensorium_core.call import Stage
from sensorium_core.limits import BoundedExecutor
from sensorium_speech.ctc import Graph, GraphBuilder, NoPathError, Path, best_path
from sensorium_speech.domain import Samples
from sensorium_speech.phonetics._listening import HOP, HeardPhonemes, PhonemeListener
from sensorium_speech.phonetics._pronouncer import Phonemes, Pronouncer
from sensorium_speech.phonetics._readings import Spoken, readings

Span = tuple[int, int]

# The network says a phoneme in the middle of its sound: words begin so many frames before their first phoneme is heard,
# and end so many after their last. Against the alignment of an HMM recogniser (CMU PocketSphinx) on read speech this
# leaves a median error of 15 ms at the begin and of 18 ms at the end of words.
_BEFORE, _AFTER = 3.0, 2.5


class Aligner:
    """Finds words in sound.

    Args:
        listener: hears phonemes.
        pronouncer: says how words are pronounced.
        work: where the search runs.
    """

    def __init__(self, listener: PhonemeListener, pronouncer: Pronouncer, work: BoundedExecutor) -> None:
        self._listener = listener
        self._pronouncer = pronouncer
        self._work = work

    async def align(self, samples: Samples, words: Sequence[str]) -> list[Span | None]:
        """First sample of each word, and the one behind its last; None where a word cannot be found.

        Args:
            samples: `int16[N]`, in which all the words are said, and nothing else.
            words: as they are written.

        Raises:
            SensoriumError: a model does not answer.
        """
        ways = [readings(word) for word in words]
        spoken = {one for word in ways for way in word for one in way}
        if not spoken:
            return [None] * len(words)
        phonemes = await self._pronouncer.pronounce(spoken)
        heard = await self._listener.hear(samples)
        return await self._work.run(Stage.POSTPROCESS, align, ways, phonemes, heard, len(samples))


def align(
    ways: Sequence[Sequence[Spoken]], phonemes: Mapping[str, Phonemes], heard: HeardPhonemes, length: int
) -> list[Span | None]:
    """The spans of words in sound of `length` samples; a pure function.

    Args:
        ways: how each word may be spoken.
        phonemes: of each spoken word.
        heard: in the sound.
        length: of the sound, in samples.
    """
    try:
        graph = _sentence(ways, phonemes)
        path = best_path(graph, heard.log_probabilities, heard.blank)
    except (NoPathError, ValueError):
        return [None] * len(ways)
    return _spans(graph, path, len(ways), length)


def _sentence(ways: Sequence[Sequence[Spoken]], phonemes: Mapping[str, Phonemes]) -> Graph:
    builder, here = GraphBuilder(), 0
    for number, word in enumerate(ways):
        pronounced = dict.fromkeys(tuple(label for one in way for label in phonemes[one]) for way in word)
        possible = [labels for labels in pronounced if labels]
        if possible:
            there = builder.add_node()
            for labels in possible:
                builder.add_phonemes(here, there, labels, number)
            here = there
    if here == 0:
        raise ValueError("no word has a phoneme")
    return builder.build([here])


def _spans(graph: Graph, path: Path, count: int, length: int) -> list[Span | None]:
    frames: list[tuple[int, int] | None] = [None] * count
    for step in path.steps:
        owner = graph.arcs[step.arc].owner
        before = frames[owner]
        frames[owner] = (before[0] if before else step.first, step.last)
    return spans(frames, length)


def spans(frames: Sequence[tuple[int, int] | None], length: int) -> list[Span | None]:
    """First sample of each word, and the one behind its last.

    Args:
        frames: the first and the last in which each word is heard; None for one that is not.
        length: of the sound, in samples.
    """
    known = [(number, found) for number, found in enumerate(frames) if found is not None]
    ends = [-math.inf, *(last for _, (_, last) in known)]
    begins = [*(first for _, (first, _) in known), math.inf]
    found_spans: list[Span | None] = [None] * len(frames)
    for place, (number, (first, last)) in enumerate(known):
        begin = max(first - _BEFORE, _border(ends[place], first))
        end = min(last + _AFTER, _border(last, begins[place + 1]))
        found_spans[number] = (max(0, round(begin * HOP)), min(length, round(end * HOP)))
    return found_spans


def _border(last: float, first: float) -> float:
    """Where one word ends and the next begins when they are close to each other, in frames."""
    if not math.isfinite(last - first):
        return last if math.isinf(last) else first
    return last + (first - last) * _AFTER / (_BEFORE + _AFTER)
