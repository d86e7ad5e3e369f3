"""Settings of the embedded Triton."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["ENV_PREFIX", "TritonSettings"]

ENV_PREFIX = "SENSORIUM_TRITON_"

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0)]


class TritonSettings(BaseSettings):
    """Read once at start, from variables such as `SENSORIUM_TRITON_GRPC_PORT`.

    Attributes:
        host: address that gRPC and metrics listen on.
        grpc_port: inference and control.
        metrics_port: Triton's own Prometheus metrics.
        repositories: folder whose folders are model repositories, one per service.
        venv: the runtime venv; made where it is missing.
        backends: where the backends folder is laid out.
        ready_timeout: longest start in seconds, from the process to the last model's warm-up.
        stop_timeout: seconds that requests in flight may delay a stop.
        max_restarts: restarts within `restart_window` seconds after which the launcher gives up.
        canary_timeout: a model that has not answered its canary after these seconds counts as stuck.
        reload_timeout: longest reload of one model in seconds; after it the server is restarted.
        log_all: show all of Triton's log lines instead of warnings and errors only.
    """

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, frozen=True)

    host: str = "127.0.0.1"
    grpc_port: Port = 8001
    metrics_port: Port = 8002
    repositories: Path = Path("build/models")
    venv: Path = Path(".venv-triton")
    backends: Path = Path("build/triton/backends")
    ready_timeout: Seconds = 60
    stop_timeout: Seconds = 6
    max_restarts: Annotated[int, Field(ge=0)] = 5
    restart_window: Seconds = 60
    canary_timeout: Seconds = 3
    reload_timeout: Seconds = 10
    log_all: bool = False
