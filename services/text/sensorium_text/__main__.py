"""Runs the text service: `python -m sensorium_text`, settings from environment variables SENSORIUM_TEXT_*."""

import sys

from sensorium.text.v1 import text_service_pb2_grpc
from sensorium_core.admission import admission_of
from sensorium_core.limits import BoundedExecutor
from sensorium_core.server import Service, run_service, running, until_signalled
from sensorium_core.streaming import ItemRunner
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import catalog_of, connect
from sensorium_text.models import TextModels, read_models
from sensorium_text.pipeline import make_pipeline
from sensorium_text.servicer import SERVICE_NAME, TextServicer
from sensorium_text.settings import TextSettings
from sensorium_text.streaming import TextStream


async def serve(settings: TextSettings) -> None:
    """Puts the service together and serves until the process is told to end.

    Raises:
        StartError: it cannot be served as it is set up.
        ConfigurationError: the same, because of a file; ModelFolderError is one.
    """
    metrics = Metrics()
    admission = admission_of(settings, metrics)
    found = read_models(settings.models)
    with BoundedExecutor(settings.work_threads, settings.work_backlog, metrics) as work:
        async with connect(settings, metrics) as triton:
            catalog = catalog_of(triton, [model.spec for model in found], settings, metrics)
            pipeline = make_pipeline(TextModels(found, catalog, work, metrics), settings, work)
            servicer = TextServicer(pipeline, TextStream(pipeline, ItemRunner(admission, settings.longest_call)))
            service = Service(
                SERVICE_NAME,
                lambda server: text_service_pb2_grpc.add_TextServiceServicer_to_server(servicer, server),
            )
            async with running(service, settings, catalog, admission, metrics):
                await until_signalled()


def main() -> int:
    """Reads the settings and serves; gives the process's exit code."""
    return run_service("text", TextSettings, serve)


if __name__ == "__main__":
    sys.exit(main())
