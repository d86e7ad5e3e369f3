"""The service behind a real channel, with stand-ins for its models: loud is speech, and what is said is its length."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import grpc
import numpy as np
import numpy.typing as npt

from sensorium.speech.v1 import speech_service_pb2 as pb
from sensorium.speech.v1 import speech_service_pb2_grpc
from sensorium.type.v1 import audio_pb2
from sensorium_core.errors import NotFoundError
from sensorium_core.interceptors import (
    Chain,
    DeadlineInterceptor,
    ErrorsInterceptor,
    LimitsInterceptor,
    TelemetryInterceptor,
    ValidationInterceptor,
)
from sensorium_core.limits import Admission, BoundedExecutor, MemoryBudget
from sensorium_core.streaming import ItemRunner
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import ModelCatalog, ServedModel
from sensorium_speech.audio import AudioLimits
from sensorium_speech.commands import Commander
from sensorium_speech.domain import Expected, Piece, RecognitionOptions, Recognized, Token, Transcript, Word
from sensorium_speech.listening import Places
from sensorium_speech.phonetics import PhonemeListener, Pronouncer
from sensorium_speech.phrase_set_methods import PhraseSets
from sensorium_speech.phrase_sets import PhraseSetStore
from sensorium_speech.pipeline import SpeechPipeline
from sensorium_speech.recognition import TextScorer, Transcriber
from sensorium_speech.redaction import Redactor
from sensorium_speech.servicer import SpeechServicer
from sensorium_speech.sessions import SessionStore
from sensorium_speech.streaming import Conversations, Streams
from services.speech.tones import Speller, Tones

FORMAT = audio_pb2.AudioFormat(encoding=audio_pb2.AUDIO_ENCODING_LINEAR16, sample_rate_hertz=16_000)
MOST_STREAMS = 20
MOST_PHRASE_SETS = 5
MOST_STATES = 3000
CHANNEL = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0), ("grpc.max_send_message_length", -1)]


class LoudModel:
    """Stands for the voice activity model."""

    name = "silero_vad"

    async def infer(self, inputs: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        pcm, state = inputs["pcm"], inputs["state"]
        frames = np.abs(pcm[:, 64:].astype(np.int32)).reshape(len(pcm), -1, 512)
        return {"probabilities": np.where(frames.max(axis=2) > 1000, 0.9, 0.0).astype(np.float32), "state_out": state}


class Catalog(dict[str, Any]):
    """Stands for the catalog of models."""

    def get(  # type: ignore[override]  # the catalog's own, not a dictionary's
        self, name: str, default: str = "", among: Sequence[str] = (), field: str = ""
    ) -> Any:
        if name and name not in among:
            raise NotFoundError(f"{field}: no model {name!r}", reason="MODEL_NOT_FOUND")
        return None


class Deaf:
    """Stands for the recogniser that is asked for texts: one is as likely as another."""

    name = "moonshine_tiny_en"

    async def infer(self, inputs: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        shape = inputs["candidates"].shape[:2]
        return {"scores": np.full(shape, -20.0, np.float32), "tokens": np.zeros((*shape, 9), np.int32)}


class Counting:
    """Stands for the transcriber: says how many tenths of a second it heard, and notes what it was to expect."""

    def __init__(self) -> None:
        self.expected: list[tuple[Expected, ...]] = []

    def check(self, options: RecognitionOptions) -> str:
        return options.language or "en"

    async def transcribe(self, piece: Piece, options: RecognitionOptions, **more: object) -> Recognized:
        self.expected.append(options.expected)
        tenths = str(round(len(piece.samples) / 1600))
        word = Word(tenths, 0.5, piece.utterance.begin, piece.utterance.end)
        return Recognized((Transcript(tenths, 0.25, (word,)),), (Token(1, 0.0),))


@dataclass
class Served:
    """A service and what it is made of."""

    stub: Any
    transcriber: Any
    places: Places
    sessions: SessionStore
    admission: Admission


@asynccontextmanager
async def serving(
    transcriber: Any = None, *, text_address: str = "", redaction_timeout: float = 5.0
) -> AsyncIterator[Served]:
    """Serves until the block ends; what is said is told by `transcriber`, Counting by default.

    Commands are spelled in tones.
    """
    metrics = Metrics()
    admission, places = Admission(100, metrics), Places(MOST_STREAMS, metrics)
    runner = ItemRunner(admission, 30)
    model, transcriber = cast(ServedModel, LoudModel()), cast(Transcriber, transcriber or Counting())
    with BoundedExecutor(2, 100, metrics) as work, TemporaryDirectory() as folder:
        async with (
            Redactor(text_address, redaction_timeout) as redactor,
            SessionStore(places) as sessions,
            PhraseSetStore(Path(folder) / "phrase_sets.sqlite", MOST_PHRASE_SETS, work) as kept,
        ):
            catalog = cast(ModelCatalog, Catalog({model.name: model}))
            listener, pronouncer = PhonemeListener(cast(ServedModel, Tones())), Pronouncer(cast(ServedModel, Speller()))
            scorer = TextScorer(cast(ServedModel, Deaf()))
            commander = Commander(catalog, listener, pronouncer, scorer, work=work, most_states=MOST_STATES)
            phrase_sets = PhraseSets(kept, lambda: listener.labels, work)
            pipeline = SpeechPipeline(
                catalog=catalog,
                transcriber=transcriber,
                redactor=redactor,
                commander=commander,
                work=work,
                budget=MemoryBudget(10**9, metrics),
                limits=AudioLimits(60),
                metrics=metrics,
            )
            conversations = Conversations(
                transcriber=transcriber,
                redactor=redactor,
                detector=model,
                work=work,
                commander=commander,
                phrase_sets=phrase_sets,
            )
            servicer = SpeechServicer(
                pipeline=pipeline,
                phrase_sets=phrase_sets,
                conversations=conversations,
                streams=Streams(places, runner),
                sessions=sessions,
                runner=runner,
                max_message_bytes=10**8,
            )
            chain = Chain(
                TelemetryInterceptor(metrics),
                ErrorsInterceptor(),
                DeadlineInterceptor(30),
                LimitsInterceptor(admission, 10**8),
                ValidationInterceptor(),
            )
            options = [("grpc.max_receive_message_length", -1), ("grpc.so_reuseport", 0)]
            server = grpc.aio.server(interceptors=[chain], options=options)
            speech_service_pb2_grpc.add_SpeechServiceServicer_to_server(servicer, server)
            port = server.add_insecure_port("127.0.0.1:0")
            await server.start()
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL) as channel:
                stub = speech_service_pb2_grpc.SpeechServiceStub(channel)
                yield Served(stub, transcriber, places, sessions, admission)
            await server.stop(None)


def config(**features: Any) -> pb.StreamingRecognitionConfig:
    """The configuration of a stream of 16-bit samples at 16 kHz, with pauses of 0.32 s and no padding."""
    recognition = pb.RecognitionConfig(voice_activity=activity())
    return pb.StreamingRecognitionConfig(
        audio_format=FORMAT, config=recognition, streaming_features=pb.StreamingRecognitionFeatures(**features)
    )


def activity() -> pb.VoiceActivityOptions:
    """Pauses of 0.32 s and no padding, so that utterances are where the sound is."""
    options = pb.VoiceActivityOptions()
    options.min_silence_duration.FromMilliseconds(320)
    options.speech_padding.FromMilliseconds(0)
    return options


def messages(*items: Any) -> list[pb.StreamingRecognizeRequest]:
    """Configurations, sound and wishes as messages of a stream."""
    return [
        pb.StreamingRecognizeRequest(config=item)
        if isinstance(item, pb.StreamingRecognitionConfig)
        else pb.StreamingRecognizeRequest(audio=item)
        if isinstance(item, bytes)
        else pb.StreamingRecognizeRequest(finalize=item)
        for item in items
    ]
