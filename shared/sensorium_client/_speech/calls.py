"""The speech service's unary methods, described once for both clients: arguments, request, how the response is read.

The functions here become the methods of `SpeechClient` and `AsyncSpeechClient`, documentation included.
"""

from __future__ import annotations

from collections.abc import Sequence

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium_client._call import Call
from sensorium_client._context import RequestContext, context_message
from sensorium_client._message import build
from sensorium_client._speech import responses
from sensorium_client._speech.audio import Recording, audio_message
from sensorium_client._speech.options import (
    CommandOptions,
    RecognitionOptions,
    VoiceActivityOptions,
    activity_fields,
    channel_mode,
)
from sensorium_client._speech.phrases import Phrase, PhraseSet, Vocabulary
from sensorium_client._speech.results import DetectSpeechResult, RecognizeCommandsResult, RecognizeResult

RECORDING_DEADLINE = 600.0
"""Seconds that a call for a recording may take: an hour of speech takes minutes to recognise."""


def recognize(
    recording: Recording,
    *,
    sample_rate_hertz: int | None = None,
    model: str = "",
    language_code: str = "",
    word_times: bool = True,
    max_alternatives: int = 0,
    separate_channels: bool = False,
    phrases: Sequence[Phrase | str] = (),
    phrase_sets: Sequence[PhraseSet | str] = (),
    voice_activity: VoiceActivityOptions | None = None,
    redact: bool = False,
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[RecognizeResult]:
    """Write down what is said in a recording.

    Args:
        recording: a sound file's bytes (WAV, FLAC, OGG), a path, an array of samples or a RawAudio.
        sample_rate_hertz: of an array.
        model: name of the model; empty for the first that hears the language.
        language_code: BCP 47 code of the language; empty for the model's first one.
        word_times: whether words get times.
        max_alternatives: how many versions of an utterance at most, up to 5; 0 for one.
        separate_channels: recognise each channel for itself; else they are mixed.
        phrases: words and phrases to expect, such as names of machines.
        phrase_sets: sets of phrases to expect, by value or by the name of a kept one.
        voice_activity: how speech is found and cut; None for the server's defaults.
        redact: mask personal data before the text leaves the service.
        context: identifiers to find again in the answer.
        deadline: seconds until the answer must be here, retries included; None for 600.

    Raises:
        SensoriumError: the call failed; its class says how.
    """
    options = RecognitionOptions(
        model=model,
        language_code=language_code,
        word_times=word_times,
        max_alternatives=max_alternatives,
        separate_channels=separate_channels,
        phrases=phrases,
        phrase_sets=phrase_sets,
        voice_activity=voice_activity,
        redact=redact,
    )
    request = pb.RecognizeRequest(
        context=context_message(context),
        audio=audio_message(recording, sample_rate_hertz),
        config=build(pb.RecognitionConfig, options.to_fields(), "config"),
    )
    return Call(lambda stubs: stubs.service.Recognize, request, responses.recognize_result, _long(deadline))


def recognize_commands(
    recording: Recording,
    vocabulary: Vocabulary,
    *,
    sample_rate_hertz: int | None = None,
    model: str = "",
    min_confidence: float | None = None,
    separate_channels: bool = False,
    voice_activity: VoiceActivityOptions | None = None,
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[RecognizeCommandsResult]:
    """Recognise commands of a closed vocabulary in a recording, and reject other speech.

    Args:
        recording: a sound file's bytes (WAV, FLAC, OGG), a path, an array of samples or a RawAudio.
        vocabulary: all that can be said: phrase sets, by value or by the name of a kept one.
        sample_rate_hertz: of an array.
        model: name of the model; empty for the server's default.
        min_confidence: reject commands with a lower confidence, 0 to 1; None for the server's default, 0.5.
        separate_channels: recognise each channel for itself; else they are mixed.
        voice_activity: how speech is found and cut; None for the server's defaults.
        context: identifiers to find again in the answer.
        deadline: seconds until the answer must be here, retries included; None for 600.

    Raises:
        SensoriumError: the call failed; its class says how.
    """
    options = CommandOptions(vocabulary, model, min_confidence, separate_channels, voice_activity)
    request = pb.RecognizeCommandsRequest(
        context=context_message(context),
        audio=audio_message(recording, sample_rate_hertz),
        config=build(pb.CommandsConfig, options.to_fields(), "config"),
    )
    return Call(
        lambda stubs: stubs.service.RecognizeCommands, request, responses.recognize_commands_result, _long(deadline)
    )


def detect_speech(
    recording: Recording,
    *,
    sample_rate_hertz: int | None = None,
    separate_channels: bool = False,
    voice_activity: VoiceActivityOptions | None = None,
    context: RequestContext | None = None,
    deadline: float | None = None,
) -> Call[DetectSpeechResult]:
    """Find where speech is in a recording.

    Args:
        recording: a sound file's bytes (WAV, FLAC, OGG), a path, an array of samples or a RawAudio.
        sample_rate_hertz: of an array.
        separate_channels: look at each channel for itself; else they are mixed.
        voice_activity: how speech is found and cut; None for the server's defaults.
        context: identifiers to find again in the answer.
        deadline: seconds until the answer must be here, retries included; None for 600.

    Raises:
        SensoriumError: the call failed; its class says how.
    """
    activity = activity_fields(voice_activity)
    request = pb.DetectSpeechRequest(
        context=context_message(context),
        audio=audio_message(recording, sample_rate_hertz),
        voice_activity=None if activity is None else build(pb.VoiceActivityOptions, activity, "voice_activity"),
        multi_channel_mode=channel_mode(separate_channels),
    )
    return Call(lambda stubs: stubs.service.DetectSpeech, request, responses.detect_speech_result, _long(deadline))


def _long(deadline: float | None) -> float:
    return RECORDING_DEADLINE if deadline is None else deadline
