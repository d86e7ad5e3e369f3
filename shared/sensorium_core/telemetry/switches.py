"""The standard variables OTEL_*, as far as they are not read by OpenTelemetry itself.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables and .../protocol/exporter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from sensorium_core.reload import ConfigurationError

if TYPE_CHECKING:
    from sensorium_core.telemetry.tracing import Tracing

__all__ = ["TelemetrySwitches", "start_tracing"]

_DEFAULT_ENDPOINT = "http://localhost:4318"
_TRACES_PATH = "/v1/traces"
_PROTOCOL = "http/protobuf"


class TelemetrySwitches(BaseSettings):
    """Which of traces, metrics and logs leave a process.

    Traces leave it when OTEL_TRACES_EXPORTER is `otlp`, or when it is not set and an endpoint is. The standard's own
    default, `otlp` to localhost, would make every plant that has no collector pay for spans that nobody receives.

    Attributes:
        sdk_disabled: no traces, whatever else is set.
        traces_exporter: `otlp` or `none`; empty to follow the endpoint.
        metrics_exporter: `prometheus`, or `none` for no endpoint to scrape.
        logs_exporter: `console`, JSON lines on standard error, or `none`.
        service_name: in place of the process's own name in traces.
        resource_attributes: further facts of the process, `key=value,key=value`.
        exporter_otlp_endpoint: base URL of a collector that takes OTLP over HTTP.
        exporter_otlp_traces_endpoint: URL for traces, complete; goes before the base URL.
        exporter_otlp_protocol, exporter_otlp_traces_protocol: only `http/protobuf`; Triton sends to the same port.
    """

    model_config = SettingsConfigDict(env_prefix="OTEL_", env_ignore_empty=True, frozen=True, extra="ignore")

    sdk_disabled: bool = False
    traces_exporter: Literal["", "otlp", "none"] = ""
    metrics_exporter: Literal["prometheus", "none"] = "prometheus"
    logs_exporter: Literal["console", "none"] = "console"
    service_name: str = ""
    resource_attributes: str = ""
    exporter_otlp_endpoint: str = ""
    exporter_otlp_traces_endpoint: str = ""
    exporter_otlp_protocol: str = _PROTOCOL
    exporter_otlp_traces_protocol: str = ""

    @property
    def traces(self) -> bool:
        """Whether traces are made and sent."""
        has_endpoint = bool(self.exporter_otlp_endpoint or self.exporter_otlp_traces_endpoint)
        wanted = self.traces_exporter == "otlp" or (not self.traces_exporter and has_endpoint)
        return wanted and not self.sdk_disabled

    @property
    def traces_endpoint(self) -> str:
        """The URL that traces are sent to."""
        base = self.exporter_otlp_endpoint or _DEFAULT_ENDPOINT
        return self.exporter_otlp_traces_endpoint or base.rstrip("/") + _TRACES_PATH

    @property
    def names_service(self) -> bool:
        """Whether the environment says what the process is called."""
        return bool(self.service_name) or "service.name=" in self.resource_attributes

    @model_validator(mode="after")
    def _protocol_is_spoken(self) -> Self:
        protocol = self.exporter_otlp_traces_protocol or self.exporter_otlp_protocol
        if self.traces and protocol != _PROTOCOL:
            text = f"OTLP is sent as {_PROTOCOL} only, not as {protocol!r}; a collector takes it on port 4318"
            raise ValueError(f"OTEL_EXPORTER_OTLP_PROTOCOL: {text}")
        return self

    @classmethod
    def load(cls) -> Self:
        """Reads the environment.

        Raises:
            ConfigurationError: a variable has a value that cannot be.
        """
        try:
            return cls()
        except ValidationError as error:
            first = error.errors()[0]
            name = "_".join(map(str, first["loc"])).upper()
            text = first["msg"].removeprefix("Value error, ")
            raise ConfigurationError(f"OTEL_{name}: {text}" if name else text) from error


def start_tracing(service: str, switches: TelemetrySwitches) -> Tracing | None:
    """Begins to send traces; None, and OpenTelemetry stays unloaded, where none are wanted.

    Args:
        service: name in traces, unless the environment has another.
        switches: what the environment says.
    """
    if not switches.traces:
        return None
    from sensorium_core.telemetry.tracing import Tracing  # noqa: PLC0415 - loads OpenTelemetry: 200 modules, 7 MiB

    return Tracing.to_collector(service, switches)
