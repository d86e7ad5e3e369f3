"""Triton's errors in the terms of this project.

Triton's own text never reaches a caller: it names files and processes. It goes to the log, under the request id.
"""

import grpc
import structlog

from sensorium_core.errors import (
    DeadlineExceededError,
    InternalError,
    OverloadedError,
    SensoriumError,
    UnavailableError,
)

# Triton answers a full queue and a queue timeout with the same code as a server that is away; only the text differs.
_FULL = "maximum queue size"
_QUEUE_TIMEOUT = "timeout expired"
# Its words when /dev/shm is full: large requests, or many at once, find no room.
_NO_MEMORY = ("shared memory pool", "initialize shared memory")
# The Python backend's words when a model's process has died; Triton itself goes on calling the model ready.
_PROCESS_DIED = ("stub process", "is not healthy", "failed to process the request(s), the stub", "restarting")

QUEUE_FULL = "MODEL_QUEUE_FULL"
"""The reason of the error for a model whose queue has no room."""

_log = structlog.get_logger("triton")


class TritonUnavailableError(UnavailableError):
    """The inference server cannot be reached."""

    def __init__(self) -> None:
        super().__init__("The inference server is not available at the moment.", reason="TRITON_UNAVAILABLE")


class ModelUnavailableError(UnavailableError):
    """The server is there, a model of it is not: loading, unloaded, or its process has died."""

    def __init__(self, model: str) -> None:
        super().__init__(f"The model {model!r} is not available at the moment.", reason="MODEL_UNAVAILABLE")


def translate(error: grpc.aio.AioRpcError, model: str) -> SensoriumError:
    """The domain error for what Triton answered to an inference or a control call on `model`."""
    code, text = error.code(), (error.details() or "")
    domain_error = _translate(code, text.lower(), model)
    if isinstance(domain_error, InternalError):
        _log.error("inference failed", model=model, code=code.name, triton_message=text)
    else:
        _log.debug("inference refused", model=model, code=code.name, triton_message=text)
    return domain_error


def _translate(code: grpc.StatusCode, text: str, model: str) -> SensoriumError:
    if code is grpc.StatusCode.DEADLINE_EXCEEDED or (code is grpc.StatusCode.UNAVAILABLE and _QUEUE_TIMEOUT in text):
        return DeadlineExceededError()
    if code is grpc.StatusCode.UNAVAILABLE:
        if _FULL in text:
            return OverloadedError(f"The queue of the model {model!r} is full.", reason=QUEUE_FULL)
        return TritonUnavailableError()
    if any(words in text for words in _NO_MEMORY):
        _log.warning("the inference server's shared memory is full", model=model)
        return OverloadedError("The inference server has no memory for the request now.", reason="SHARED_MEMORY_FULL")
    # A service asks only for models that it has seen, so one that is not found is being loaded or unloaded.
    if code is grpc.StatusCode.NOT_FOUND or any(words in text for words in _PROCESS_DIED):
        return ModelUnavailableError(model)
    return InternalError()
