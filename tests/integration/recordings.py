"""Real speech with its words: the recordings that lie in the wheel of Moonshine, and one with a name.

`dashwood.flac` is of LibriVox's reading of Jane Austen's Sense and Sensibility, in the public domain, as it lies in the
tests of CMU PocketSphinx (sense_and_sensibility_01_austen_64kb-0870).
"""

import re
from functools import cache
from pathlib import Path

from sensorium_models.recordings import Pcm, recording

DASHWOOD_FILE = Path(__file__).parent / "dashwood.flac"
DASHWOOD = (
    "And Mister John Dashwood had then leisure to consider how much there might be prudently in his power to do for "
    "them."
)
_CACHE = Path(__file__).parents[2] / "build/cache/extracted"

BECKETT = "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."
TWO_CITIES = (
    "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness, it "
    "was the epoch of belief, it was the epoch of incredulity, it was the season of Light, it was the season of "
    "Darkness, it was the spring of hope, it was the winter of despair, we had everything before us, we had nothing "
    "before us, we were all going direct to Heaven, we were all going direct the other way - in short, the period was "
    "so far like the present period, that some of its noisiest authorities insisted on its being received, for good or "
    "for evil, in the superlative degree of comparison only."
)


def path(name: str) -> Path:
    """The file of a recording."""
    (found,) = _CACHE.glob(f"moonshine_voice-*/moonshine_voice/assets/{name}.wav")
    return found


@cache
def pcm(name: str) -> Pcm:
    """A recording as `int16[N]` at 16 kHz."""
    return recording(path(name))


def words(text: str) -> list[str]:
    """Its words, without case and punctuation."""
    return re.findall(r"[a-z0-9']+", text.lower())


def word_error_rate(said: str, heard: str) -> float:
    """Words that were changed, left out or added, by the words that were said (Levenshtein 1966)."""
    expected, found = words(said), words(heard)
    row = list(range(len(found) + 1))
    for i, word in enumerate(expected, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(found, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1] / len(expected)
