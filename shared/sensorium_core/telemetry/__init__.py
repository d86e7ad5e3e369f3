"""Logs, metrics and traces of a service."""

from sensorium_core.telemetry.endpoint import MetricsServer
from sensorium_core.telemetry.logging import configure_logging, utc
from sensorium_core.telemetry.metrics import Metrics

__all__ = ["Metrics", "MetricsServer", "configure_logging", "utc"]
