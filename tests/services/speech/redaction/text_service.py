"""A text service behind a real port that masks the words it is told, or fails as it is told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium.type.v1 import inference_pb2

NAME = "sensorium.text.v1.TextService"
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
Context = grpc.aio.ServicerContext[Any, Any]


class ScriptedText:
    """Masks `secrets` wherever they stand.

    Attributes:
        secrets: what is personal.
        failures: codes with which the next calls of Redact end, in order.
        requests: of Redact.
        allowed: seconds that each of them was given.
        keys: API key of each of them.
        status: that health gives.
        lies: whether the answer has a text that its findings do not explain.
    """

    def __init__(self, *secrets: str) -> None:
        self.secrets = secrets
        self.failures: list[grpc.StatusCode] = []
        self.requests: list[pb.RedactRequest] = []
        self.allowed: list[float] = []
        self.keys: list[Any] = []
        self.status = SERVING
        self.checked = 0
        self.lies = False

    async def redact(self, request: pb.RedactRequest, context: Context) -> pb.RedactResponse:
        """Serves Redact."""
        self.requests.append(request)
        self.allowed.append(context.time_remaining())
        self.keys.append(dict(context.invocation_metadata() or ()).get("x-api-key"))
        if self.failures:
            await context.abort(self.failures.pop(0), f"the text service says: {request.text}")
        response = pb.RedactResponse(models=[inference_pb2.ModelUse(name="rampart_pii", version="1")])
        position = 0
        while found := self._next(request.text, position):
            begin, end = found
            response.text += request.text[position:begin]
            finding = response.findings.add(type=pb.PERSONAL_DATA_TYPE_PERSON_NAME, confidence=1)
            finding.span.begin, finding.span.end = begin, end
            finding.replacement.begin = len(response.text)
            response.text += "[PERSON_NAME]"
            finding.replacement.end = len(response.text)
            position = end
        response.text += request.text[position:] + ("!" if self.lies else "")
        return response

    def _next(self, text: str, position: int) -> tuple[int, int] | None:
        places = [(text.find(secret, position), secret) for secret in self.secrets]
        return min(((place, place + len(secret)) for place, secret in places if place >= 0), default=None)


class _Health(health_pb2_grpc.HealthServicer):  # type: ignore[misc]  # the base has no types
    def __init__(self, text: ScriptedText) -> None:
        self._text = text

    async def Check(self, request: Any, context: Context) -> Any:  # noqa: N802 - as generated
        assert request.service == NAME
        self._text.checked += 1
        return health_pb2.HealthCheckResponse(status=self._text.status)


@asynccontextmanager
async def running(
    text: ScriptedText, address: str = "127.0.0.1:0", credentials: grpc.ServerCredentials | None = None
) -> AsyncIterator[str]:
    """Serves until the block ends; gives the address."""
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    redact = grpc.unary_unary_rpc_method_handler(
        text.redact, pb.RedactRequest.FromString, pb.RedactResponse.SerializeToString
    )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(NAME, {"Redact": redact}),))
    health_pb2_grpc.add_HealthServicer_to_server(_Health(text), server)
    port = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)
