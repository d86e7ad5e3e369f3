"""Settings that every service has. A service adds its own in a subclass, with a prefix for environment variables."""

import os
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from sensorium_core.reload import ConfigurationError
from sensorium_core.security.settings import SecuritySettings

__all__ = ["MEBIBYTE", "ConfigurationError", "Count", "Positive", "ServiceSettings"]

MEBIBYTE = 1024 * 1024
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


class ServiceSettings(SecuritySettings):
    """Where a service listens, where Triton is, and how much the service takes on; security is in the base.

    Attributes:
        listen: `host:port` for gRPC.
        metrics_host, metrics_port: where Prometheus reads; port 0 takes a free one.
        log_level: debug, info, warning or error.
        max_message_bytes: largest message, both ways.
        max_in_flight: requests and stream frames under way; more are answered RESOURCE_EXHAUSTED.
        parallel_calls: requests and frames of one identity that are worked on at a time while no other identity calls.
        shared_calls: the same of all identities together while several do, each with its share; a few keep everyone's
            answers quick, many make the most of a GPU. The machine's cores by default.
        max_decoded_bytes: decoded input held by all requests together; more waits.
        work_threads: threads that decode and resize; the machine's cores by default.
        work_backlog: jobs that may wait for one of them.
        longest_call: seconds that a unary call may take.
        health_interval: seconds between canary inferences.
        canary_timeout: seconds after which a canary has failed.
        breaker_failures: calls of one model that must fail in a row before further ones are refused at once, until a
            canary has succeeded.
        record_dir: folder where requests for models are kept, to try other versions of a model on them; they hold what
            callers have sent. None keeps none.
        record_requests: requests that are kept of each model; at most one a second is taken.
        drain_grace: seconds that calls in flight get to finish at the end; by default all that a call may take.
    """

    model_config = SettingsConfigDict(frozen=True)

    listen: str
    metrics_host: str = "127.0.0.1"
    metrics_port: Annotated[int, Field(ge=0, le=65535)]
    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = "info"
    max_message_bytes: Count = 32 * MEBIBYTE
    max_in_flight: Count = 256
    parallel_calls: Count = 32
    shared_calls: Count = os.cpu_count() or 2
    max_decoded_bytes: Count = 1024 * MEBIBYTE
    work_threads: Count = os.cpu_count() or 2
    work_backlog: Count = 512
    longest_call: Positive = 60.0
    health_interval: Positive = 1.0
    canary_timeout: Positive = 2.0
    breaker_failures: Count = 5
    record_dir: Path | None = None
    record_requests: Count = 32
    drain_grace: Positive = 60.0

    @model_validator(mode="after")
    def _plaintext_stays_here(self) -> Self:
        self.check_listeners({"listen": self.listen, "metrics_host": self.metrics_host})
        self.check_peer("triton")
        return self
