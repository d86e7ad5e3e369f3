"""How many spoken commands are right, by voice and noise, and how much other speech is accepted: `make bench-commands`.

Ten commands, six of them with a number from 0 to 99, in the neural voice and in those of flite and espeak-ng where the
machine has them, or in the voices that are named behind the command. A command is right when it is accepted with its
phrase and its number.
"""

import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from integration.conftest import running_stack
from integration.spoken_commands import Said, commands, is_phrase, is_right, other_speech, phrase_set
from integration.voices import NOISES, available, in_noise, say
from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.speech.v1.speech_service_pb2_grpc import SpeechServiceStub
from sensorium.type.v1 import audio_pb2
from sensorium_models.recordings import Pcm

OF_EACH = 3
CALLERS = 4
FORMAT = audio_pb2.AudioFormat(encoding=audio_pb2.AUDIO_ENCODING_LINEAR16, sample_rate_hertz=16_000)
VOCABULARY = [pb.AdaptationPhraseSet(inline_phrase_set=phrase_set())]


def recognize(speech: SpeechServiceStub, sounds: Sequence[Pcm]) -> list[list[pb.CommandResult]]:
    """The commands in each sound."""

    def call(sound: Pcm) -> list[pb.CommandResult]:
        audio = audio_pb2.Audio(raw=audio_pb2.RawAudio(format=FORMAT, content=sound.tobytes()))
        request = pb.RecognizeCommandsRequest(audio=audio, config=pb.CommandsConfig(vocabulary=VOCABULARY))
        return list(speech.RecognizeCommands(request).results)

    with ThreadPoolExecutor(CALLERS) as callers:
        return list(callers.map(call, sounds))


def measure(speech: SpeechServiceStub, voice: str, decibels: float | None, kind: str) -> str:
    """A line of the table."""

    def sound(text: str, number: int) -> Pcm:
        spoken = say(text, voice)
        return spoken if decibels is None else in_noise(spoken, decibels, kind, number)

    said, others = commands(OF_EACH), other_speech()
    found = recognize(speech, [sound(one.text, number) for number, one in enumerate(said)])
    other = recognize(speech, [sound(text, 1000 + number) for number, text in enumerate(others)])
    phrases = _share([_single(results, one, is_phrase) for results, one in zip(found, said, strict=True)])
    right = _share([_single(results, one, is_right) for results, one in zip(found, said, strict=True)])
    accepted = _share([any(one.accepted for one in results) for results in other])
    noise = "clean" if decibels is None else f"{decibels:g} dB {kind}"
    return f"{voice:8} {noise:12} {phrases:7.0%} {right:7.0%} {accepted:9.0%}"


def _single(results: list[pb.CommandResult], said: Said, condition: object) -> bool:
    assert callable(condition)
    return len(results) == 1 and bool(condition(results[0], said))


def _share(outcomes: Sequence[bool]) -> float:
    return sum(outcomes) / len(outcomes)


def main() -> None:
    """Prints the table."""
    conditions = [(None, ""), (20, "pink"), (10, "pink"), (10, "white"), *((0, kind) for kind in NOISES)]
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder), ["speech"]) as stack:
        sys.stdout.write(f"{'voice':8} {'noise':12} {'phrase':>7} {'right':>7} {'accepted other':>9}\n")
        with stack.channel("speech") as channel:
            for voice in sys.argv[1:] or available():
                for decibels, kind in conditions:
                    line = measure(SpeechServiceStub(channel), voice, decibels, kind)
                    sys.stdout.write(line + "\n")
                    sys.stdout.flush()


if __name__ == "__main__":
    main()
