"""Real speech with its words: the recordings that lie in packages, and one with a name.

`dashwood.flac` is of LibriVox's reading of Jane Austen's Sense and Sensibility, in the public domain, as it lies in the
tests of CMU PocketSphinx (sense_and_sensibility_01_austen_64kb-0870).
"""

from functools import cache
from pathlib import Path

from sensorium_client.stack import recordings
from sensorium_models.recordings import READ_ALOUD, Pcm, recording
from sensorium_models.words import normalised as words
from sensorium_models.words import word_error_rate

__all__ = [
    "BECKETT",
    "DASHWOOD",
    "DASHWOOD_FILE",
    "GO_FORWARD",
    "SAID",
    "TWO_CITIES",
    "path",
    "pcm",
    "word_error_rate",
    "words",
]

DASHWOOD_FILE = Path(__file__).parent / "dashwood.flac"
DASHWOOD = (
    "And Mister John Dashwood had then leisure to consider how much there might be prudently in his power to do for "
    "them."
)
SAID = {name: one.said for name, one in READ_ALOUD.items()}
"""What is said in the recordings, by name."""
BECKETT, TWO_CITIES, GO_FORWARD = (SAID[name] for name in ("beckett", "two_cities", "goforward"))


@cache
def path(name: str) -> Path:
    """The file of a recording."""
    return recordings.recording(Path(__file__).parents[2], name)


@cache
def pcm(name: str) -> Pcm:
    """A recording as `int16[N]` at 16 kHz."""
    return recording(path(name))
