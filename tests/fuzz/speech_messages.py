"""Requests of the speech service: the checks and conversions of every method, and phrase sets as they are kept."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from google.protobuf.message import Message

from fuzz.requests import finish, requests
from sensorium.speech.v1 import speech_service_pb2 as speech
from sensorium_core.limits import BoundedExecutor
from sensorium_core.telemetry import Metrics
from sensorium_speech import convert as speech_convert
from sensorium_speech import convert_phrases
from sensorium_speech.phrase_set_methods import PhraseSets
from sensorium_speech.phrase_sets import PhraseSetStore


class _PhraseSetMethods:
    """Phrase sets in a database of their own."""

    def __init__(self) -> None:
        self._work = BoundedExecutor(2, 100, Metrics())
        self._folder = TemporaryDirectory(prefix="sensorium-fuzz-")
        self._store = PhraseSetStore(Path(self._folder.name) / "sets.sqlite", 20, self._work)
        self.sets = PhraseSets(self._store, lambda: ("p", "ʌ", "m"), self._work)

    async def answer(self, message: Any) -> None:
        match message:
            case speech.CreatePhraseSetRequest():
                await self.sets.create(message)
            case speech.GetPhraseSetRequest():
                await self.sets.get(message)
            case speech.ListPhraseSetsRequest():
                await self.sets.list(message)
            case speech.UpdatePhraseSetRequest():
                await self.sets.update(message)
            case speech.DeletePhraseSetRequest():
                await self.sets.delete(message)
            case speech.RecognizeRequest():
                await self.sets.expected(message.config.adaptation, "config.adaptation")
            case speech.RecognizeCommandsRequest():
                found = await self.sets.resolve(message.config.vocabulary, "config.vocabulary")
                convert_phrases.command_options(message.config, found, "config")


_phrase_sets: list[_PhraseSetMethods] = []


def _answer_speech(message: Any) -> None:
    if not _phrase_sets:
        _phrase_sets.append(_PhraseSetMethods())
    finish(_phrase_sets[0].answer(message))
    match message:
        case speech.RecognizeRequest():
            speech_convert.recognition_options(message.config)
        case speech.DetectSpeechRequest():
            speech_convert.voice_activity(message.voice_activity)
            speech_convert.is_separate(message.multi_channel_mode)
        case speech.StreamingRecognizeRequest() if message.HasField("config"):
            _listen(message.config)
        case speech.OpenSessionRequest():
            speech_convert.seconds(message, "idle_timeout", 60.0)
            if message.HasField("recognition"):
                _listen(message.recognition)
    if hasattr(message, "audio") and not isinstance(message.audio, bytes):
        speech_convert.audio_source(message.audio)


def _listen(config: speech.StreamingRecognitionConfig) -> None:
    options = speech_convert.recognition_options(config.config)
    speech_convert.listen_options(
        config.audio_format, config.streaming_features, options.voice_activity, separate=options.separate, interim=True
    )


def _speech_samples() -> list[Message]:
    linear: Any = {"encoding": 1, "sample_rate_hertz": 16_000, "audio_channel_count": 1}
    phrases: Any = {
        "phrases": [{"value": "open valve {valve}", "id": "open", "boost": 2.0}, {"value": "set to {n} {u}"}],
        "slots": [
            {"name": "valve", "list": {"entries": [{"value": "P-101", "spoken": ["p one oh one"]}]}},
            {"name": "n", "number": {"minimum": 0, "maximum": 10, "max_fraction_digits": 2}},
            {"name": "u", "unit": {"ucum_units": ["bar", "Cel"]}},
        ],
        "pronunciations": [{"word": "pump", "phonemes": "p ʌ m p"}],
        "boost": 1.0,
    }
    adaptation: Any = {"phrase_sets": [{"inline_phrase_set": phrases}, {"phrase_set": "phraseSets/valves"}]}
    config: Any = {"language_code": "en", "adaptation": adaptation, "features": {"max_alternatives": 2}}
    audio: Any = {"raw": {"format": linear, "content": bytes(320)}}
    vocabulary: Any = {"vocabulary": adaptation["phrase_sets"], "min_confidence": 0.5}
    streaming: Any = {"audio_format": linear, "config": config}
    return [
        speech.RecognizeRequest(audio=audio, config=config),
        speech.RecognizeCommandsRequest(audio=audio, config=vocabulary),
        speech.DetectSpeechRequest(audio=audio, voice_activity={"threshold": 0.4}),
        speech.StreamingRecognizeRequest(config=streaming),
        speech.StreamingRecognizeCommandsRequest(config={"audio_format": linear, "config": vocabulary}),
        speech.OpenSessionRequest(recognition=streaming),
        speech.CreatePhraseSetRequest(phrase_set_id="valves", phrase_set=phrases),
        speech.UpdatePhraseSetRequest(
            phrase_set={"name": "phraseSets/valves", **phrases}, update_mask={"paths": ["phrases", "boost"]}
        ),
        speech.GetPhraseSetRequest(name="phraseSets/valves"),
        speech.ListPhraseSetsRequest(page_size=3),
        speech.DeletePhraseSetRequest(name="phraseSets/valves"),
        speech.PushAudioRequest(session="s" * 32, sequence_number=0, audio=bytes(320)),
        speech.WatchResultsRequest(session="s" * 32, first_number=1),
    ]


speech_requests = requests(speech, _answer_speech, _speech_samples())
