"""Commands, without protobuf."""

from dataclasses import dataclass

from sensorium_speech.domain import DEFAULT_VOICE_ACTIVITY, Utterance, VoiceActivity, Word
from sensorium_speech.phrase_sets import PhraseSet


@dataclass(frozen=True)
class CommandOptions:
    """How commands are recognised. `field` is the path of these options in the request, for errors.

    Attributes:
        phrase_sets: the vocabulary; they have been checked.
        model: name of a phoneme model; empty for the default.
        min_confidence: commands of less are rejected, 0 to 1.
        voice_activity: how utterances are found.
        separate: whether channels are kept apart.
    """

    phrase_sets: tuple[PhraseSet, ...]
    model: str = ""
    field: str = "config"
    min_confidence: float = 0.5
    voice_activity: VoiceActivity = DEFAULT_VOICE_ACTIVITY
    separate: bool = False


@dataclass(frozen=True)
class Filled:
    """A slot of a command and what was said there.

    Attributes:
        name: of the slot.
        text: the words that were said.
        value: what they mean: a number, a unit's UCUM code, or a list's entry.
        is_unit: whether `value` is a UCUM code.
        begin, end: first sample in the track, and the one behind the last.
    """

    name: str
    text: str
    value: float | str
    is_unit: bool
    begin: int
    end: int


@dataclass(frozen=True)
class Command:
    """An utterance as a command.

    Attributes:
        utterance: where it is.
        tag: the channel's number, 0 for the mix of all.
        accepted: whether it is a command; else the rest tells which one it is most like.
        confidence: that it is one, 0 to 1.
        phrase, phrase_id, phrase_set: as the set has them; empty where nothing of the vocabulary is so short.
        words: that were said.
        slots: in the order of the phrase.
    """

    utterance: Utterance
    tag: int
    accepted: bool = False
    confidence: float = 0.0
    phrase: str = ""
    phrase_id: str = ""
    phrase_set: str = ""
    words: tuple[Word, ...] = ()
    slots: tuple[Filled, ...] = ()

    @property
    def text(self) -> str:
        """The words that were said."""
        return " ".join(word.text for word in self.words)
