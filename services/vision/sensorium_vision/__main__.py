"""Runs the vision service: `python -m sensorium_vision`, settings from environment variables SENSORIUM_VISION_*."""

import sys

from sensorium.vision.v1 import vision_service_pb2_grpc
from sensorium_core.admission import admission_of
from sensorium_core.limits import BoundedExecutor, MemoryBudget
from sensorium_core.server import Service, run_service, running, until_signalled
from sensorium_core.streaming import ItemRunner
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import catalog_of, connect
from sensorium_vision import models
from sensorium_vision.pipeline import VisionPipeline
from sensorium_vision.servicer import SERVICE_NAME, VisionServicer
from sensorium_vision.settings import VisionSettings
from sensorium_vision.streaming import FrameStream


async def serve(settings: VisionSettings) -> None:
    """Puts the service together and serves until the process is told to end.

    Raises:
        StartError: it cannot be served as it is set up.
        ConfigurationError: the same, because of a file.
    """
    metrics = Metrics()
    admission = admission_of(settings, metrics)
    with BoundedExecutor(settings.work_threads, settings.work_backlog, metrics) as work:
        async with connect(settings, metrics) as triton:
            catalog = catalog_of(triton, models.ALL, settings, metrics)
            budget = MemoryBudget(settings.max_decoded_bytes, metrics)
            pipeline = VisionPipeline(catalog, work, budget, settings.image_limits(), metrics)
            stream = FrameStream(pipeline, ItemRunner(admission, settings.longest_call), settings.max_message_bytes)
            servicer = VisionServicer(pipeline, stream, settings.max_message_bytes)
            service = Service(
                SERVICE_NAME,
                lambda server: vision_service_pb2_grpc.add_VisionServiceServicer_to_server(servicer, server),
            )
            async with running(service, settings, catalog, admission, metrics):
                await until_signalled()


def main() -> int:
    """Reads the settings and serves; gives the process's exit code."""
    return run_service("vision", VisionSettings, serve)


if __name__ == "__main__":
    sys.exit(main())
