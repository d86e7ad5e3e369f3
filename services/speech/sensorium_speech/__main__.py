"""Runs the speech service: `python -m sensorium_speech`, settings from environment variables SENSORIUM_SPEECH_*."""

import sys

from sensorium.speech.v1 import speech_service_pb2_grpc
from sensorium_core.admission import admission_of
from sensorium_core.limits import BoundedExecutor, MemoryBudget
from sensorium_core.peers import peer_tls
from sensorium_core.server import Service, run_service, running, until_signalled
from sensorium_core.streaming import ItemRunner
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import catalog_of, connect
from sensorium_speech import models
from sensorium_speech.commands import Commander
from sensorium_speech.listening import Places
from sensorium_speech.phonetics import Aligner, PhonemeListener, Pronouncer
from sensorium_speech.phrase_set_methods import PhraseSets
from sensorium_speech.phrase_sets import PhraseSetStore
from sensorium_speech.pipeline import SpeechPipeline
from sensorium_speech.recognition import Recognizer, TextScorer, Transcriber
from sensorium_speech.redaction import Redactor
from sensorium_speech.servicer import SERVICE_NAME, SpeechServicer
from sensorium_speech.sessions import SessionStore
from sensorium_speech.settings import SpeechSettings
from sensorium_speech.streaming import Conversations, Streams


async def serve(settings: SpeechSettings) -> None:
    """Puts the service together and serves until the process is told to end.

    Raises:
        StartError: it cannot be served as it is set up.
        ConfigurationError: the same, because of a file.
    """
    metrics = Metrics()
    admission = admission_of(settings, metrics)
    places = Places(settings.max_streams, metrics)
    runner = ItemRunner(admission, settings.longest_call)
    further = models.further(settings.models)
    with BoundedExecutor(settings.work_threads, settings.work_backlog, metrics) as work:
        async with (
            connect(settings, metrics) as triton,
            Redactor(
                settings.text_address,
                settings.redaction_timeout,
                tls=peer_tls(settings, "text", metrics),
                api_key=settings.text_api_key.get_secret_value(),
            ) as redactor,
            SessionStore(places) as sessions,
            PhraseSetStore(settings.phrase_sets, settings.max_phrase_sets, work) as kept,
        ):
            catalog = catalog_of(triton, [*models.ALL, *(model.spec for model in further)], settings, metrics)
            listener = PhonemeListener(catalog[models.HAMA.name])
            pronouncer = Pronouncer(catalog[models.HAMA_G2P.name])
            transcriber = Transcriber(Recognizer(catalog, further), Aligner(listener, pronouncer, work))
            scorer = TextScorer(catalog[models.MOONSHINE.name])
            commander = Commander(
                catalog, listener, pronouncer, scorer, work=work, most_states=settings.max_vocabulary_states
            )
            phrase_sets = PhraseSets(kept, lambda: listener.labels, work)
            pipeline = SpeechPipeline(
                catalog=catalog,
                transcriber=transcriber,
                redactor=redactor,
                commander=commander,
                work=work,
                budget=MemoryBudget(settings.max_decoded_bytes, metrics),
                limits=settings.audio_limits(),
                metrics=metrics,
            )
            conversations = Conversations(
                transcriber=transcriber,
                redactor=redactor,
                detector=pipeline.detector,
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
                max_message_bytes=settings.max_message_bytes,
            )
            service = Service(
                SERVICE_NAME,
                lambda server: speech_service_pb2_grpc.add_SpeechServiceServicer_to_server(servicer, server),
            )
            async with running(service, settings, catalog, admission, metrics):
                await until_signalled()


def main() -> int:
    """Reads the settings and serves; gives the process's exit code."""
    return run_service("speech", SpeechSettings, serve)


if __name__ == "__main__":
    sys.exit(main())
