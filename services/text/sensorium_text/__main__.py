"""Runs the text service: `python -m sensorium_text`, settings from environment variables SENSORIUM_TEXT_*."""

import asyncio
import sys

import uvloop

from sensorium.text.v1 import text_service_pb2_grpc
from sensorium_core.limits import Admission, BoundedExecutor
from sensorium_core.server import PortInUseError, Service, running, until_signalled
from sensorium_core.settings import ConfigurationError
from sensorium_core.streaming import ItemRunner
from sensorium_core.telemetry import Metrics, configure_logging
from sensorium_core.triton import ModelCatalog, TritonClient
from sensorium_text.models import ModelFolderError, TextModels, read_models
from sensorium_text.pipeline import make_pipeline
from sensorium_text.servicer import SERVICE_NAME, TextServicer
from sensorium_text.settings import TextSettings
from sensorium_text.streaming import TextStream


async def serve(settings: TextSettings) -> None:
    """Puts the service together and serves until the process is told to end.

    Raises:
        PortInUseError: an address is taken.
        ModelFolderError: the model folder lacks a model.
        ConfigurationError: the file of entities or of keys cannot be used.
    """
    metrics = Metrics()
    admission = Admission(settings.max_in_flight, metrics)
    found = read_models(settings.models)
    with BoundedExecutor(settings.work_threads, settings.work_backlog, metrics) as work:
        async with TritonClient(settings.triton_address) as triton:
            catalog = ModelCatalog(triton, [model.spec for model in found], metrics)
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
    settings = TextSettings()
    configure_logging("text", settings.log_level)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings))
    except (PortInUseError, ModelFolderError, ConfigurationError) as error:
        sys.stderr.write(f"sensorium-text: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
