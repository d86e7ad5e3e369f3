"""Services that answer what a test has told them to."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeAlias

import grpc
from google.protobuf import any_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from sensorium.vision.v1 import vision_service_pb2 as pb
from sensorium.vision.v1 import vision_service_pb2_grpc

Answer: TypeAlias = Message | status_pb2.Status | grpc.StatusCode | None
"""A response, a rich status, a status without details, or None: no answer ever."""


@dataclass
class Script:
    """What the service answers next, and what it was asked."""

    answers: deque[Answer] = field(default_factory=deque)
    always: Answer | None = None
    respond: Callable[[Any], Answer] | None = None
    arrived: threading.Event = field(default_factory=threading.Event)
    """A request has come."""
    requests: list[Any] = field(default_factory=list)
    timeouts: list[float | None] = field(default_factory=list)
    metadata: list[dict[str, str | bytes]] = field(default_factory=list)
    method: list[str] = field(default_factory=list)
    health: deque[Answer] = field(default_factory=deque)
    stream_failure: status_pb2.Status | None = None
    watches: deque[list[Answer]] = field(default_factory=deque)
    """What each stream of a server's own sends."""

    def then(self, *answers: Answer) -> Script:
        self.answers.extend(answers)
        return self


class Scripted:
    """What the unary methods of any service do."""

    def __init__(self, script: Script) -> None:
        self.script = script

    async def _answer(self, method: str, request: Any, context: Any) -> Any:
        script = self.script
        script.method.append(method)
        script.requests.append(request)
        script.arrived.set()
        script.timeouts.append(context.time_remaining())
        script.metadata.append(dict(context.invocation_metadata()))
        return await give(self._next(request), context)

    def _next(self, request: Any) -> Answer:
        if self.script.answers:
            return self.script.answers.popleft()
        if self.script.respond is not None:
            return self.script.respond(request)
        return self.script.always


class ScriptedVision(Scripted, vision_service_pb2_grpc.VisionServiceServicer):
    async def Classify(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("Classify", request, context)

    async def Embed(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("Embed", request, context)

    async def ReadText(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("ReadText", request, context)

    async def ReadCodes(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("ReadCodes", request, context)

    async def Annotate(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("Annotate", request, context)

    async def ListModels(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        return await self._answer("ListModels", request, context)

    async def StreamAnnotate(  # noqa: N802  # gRPC names it
        self, request_iterator: Any, context: Any
    ) -> AsyncIterator[pb.StreamAnnotateResponse]:
        script = self.script
        sequence = 0
        async for request in request_iterator:
            script.requests.append(request)
            if request.HasField("config"):
                if script.stream_failure is not None:
                    await context.abort_with_status(rpc_status.to_status(script.stream_failure))
                continue
            yield self._frame(request.frame, sequence)
            sequence += 1

    def _frame(self, frame: pb.StreamFrame, sequence: int) -> pb.StreamAnnotateResponse:
        response = pb.StreamAnnotateResponse(sequence=sequence, frame_id=frame.frame_id)
        if frame.image.encoded == b"bad":
            response.status.CopyFrom(status(grpc.StatusCode.INVALID_ARGUMENT, "not a picture", reason="IMAGE_CORRUPT"))
        else:
            response.annotation.labels.add(name=frame.image.encoded.decode(), score=0.5)
        return response


class ScriptedHealth(health_pb2_grpc.HealthServicer):  # type: ignore[misc]  # it ships no types
    def __init__(self, script: Script) -> None:
        self.script = script

    async def Check(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC names it
        self.script.requests.append(request)
        return await give(self.script.health.popleft(), context)


async def give(answer: Answer, context: Any) -> Any:
    if answer is None:
        await asyncio.Event().wait()
    if isinstance(answer, grpc.StatusCode):
        await context.abort(answer, "no details")
    if isinstance(answer, status_pb2.Status):
        await context.abort_with_status(rpc_status.to_status(answer))
    return answer


def status(
    code: grpc.StatusCode,
    message: str,
    *,
    reason: str = "",
    metadata: dict[str, str] | None = None,
    violations: Iterable[tuple[str, str]] = (),
    retry_delay: float | None = None,
    request_id: str = "",
) -> status_pb2.Status:
    """A rich status, with the details that are given."""
    details: list[Message] = []
    if reason:
        details.append(error_details_pb2.ErrorInfo(domain="sensorium", reason=reason, metadata=metadata))
    if violations:
        bad = error_details_pb2.BadRequest()
        for name, description in violations:
            bad.field_violations.add(field=name, description=description)
        details.append(bad)
    if retry_delay is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromTimedelta(timedelta(seconds=retry_delay))
        details.append(retry)
    if request_id:
        details.append(error_details_pb2.RequestInfo(request_id=request_id))
    found = status_pb2.Status(code=code.value[0], message=message)
    for detail in details:
        packed = any_pb2.Any()
        packed.Pack(detail)
        found.details.append(packed)
    return found


def health(name: str) -> health_pb2.HealthCheckResponse:
    return health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.ServingStatus.Value(name))
